// Shape of Abseil's notification.
#pragma once
namespace absl {
class Notification { public: Notification(); ~Notification(); bool HasBeenNotified() const; void WaitForNotification() const; void Notify(); };
}  // namespace absl
