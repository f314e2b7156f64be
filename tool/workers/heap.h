// The heap of a process that computes for seconds and then ends: it gives nothing back on the way and lies in large
// pages. Getting memory from the kernel page by page costs more than a tenth of the time of a small analysis.
#pragma once

namespace deadheat {

/// Call before the work begins; forked workers have it too. Memory is taken from the kernel when it is first used, as
/// before. Where there are no large pages, the rest holds all the same.
void keepHeap();

}  // namespace deadheat
