// Included into every file of the runtime but those that call or define the interceptors of these names: where the compiler makes a call of
// memcpy or memset for the runtime's own sake, it is of the runtime's own functions, not of the interceptors.
#pragma once

#ifndef __ASSEMBLER__
__asm__("memcpy = deadheatCopy\nmemmove = deadheatMove\nmemset = deadheatSet\n");
#endif
