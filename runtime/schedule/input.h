// What a controlled run reads from its standard input.
#pragma once

namespace deadheat::rt {

/// A standard input that is a file is read from its beginning in every run: runs that the fork server makes would else go on
/// where the one before stopped. Pipes and terminals stay as they are.
void rereadInput();

}  // namespace deadheat::rt
