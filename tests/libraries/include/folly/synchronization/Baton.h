#pragma once
namespace folly { template <bool MayBlock = true> class Baton { public: Baton(); ~Baton(); void post(); void wait(); bool ready() const; }; }
