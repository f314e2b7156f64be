// jump_fcontext and ontop_fcontext, which return in whatever context is resumed and so cannot be written in C++: each
// tells of the switch and goes on in the function that fcontext.cpp names. What is below them is ours, for programs
// without a library that has them: a context is the stack pointer under seven saved words and a return address.
//
// transfer_t, two words (where the switch came from, and data), is returned in rax and rdx, and passed in rdi and rsi.

        .text

        .macro  hook name, which
        .weak   \name
        .type   \name, @function
        .p2align 4
\name:
        .cfi_startproc
        endbr64
        pushq   %rdi
        .cfi_adjust_cfa_offset 8
        pushq   %rsi
        .cfi_adjust_cfa_offset 8
        pushq   %rdx
        .cfi_adjust_cfa_offset 8
        movl    $\which, %esi
        leaq    24(%rsp), %rdx
        call    deadheatFcontextSwitch
        popq    %rdx
        .cfi_adjust_cfa_offset -8
        popq    %rsi
        .cfi_adjust_cfa_offset -8
        popq    %rdi
        .cfi_adjust_cfa_offset -8
        jmpq    *%rax
        .cfi_endproc
        .size   \name, . - \name
        .endm

        .hidden deadheatFcontextSwitch
        hook    jump_fcontext, 0
        hook    ontop_fcontext, 1

        .macro  enterOther
        pushq   %rbp
        pushq   %rbx
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        subq    $8, %rsp
        stmxcsr (%rsp)
        fnstcw  4(%rsp)
        movq    %rsp, %rax
        movq    %rdi, %rsp
        ldmxcsr (%rsp)
        fldcw   4(%rsp)
        addq    $8, %rsp
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %rbx
        popq    %rbp
        movq    %rax, %rdi
        .endm

        .macro  own name
        .globl  \name
        .hidden \name
        .type   \name, @function
        .p2align 4
\name:
        endbr64
        .endm

        own     deadheatFcontextJump
        enterOther
        movq    %rsi, %rdx
        retq
        .size   deadheatFcontextJump, . - deadheatFcontextJump

        own     deadheatFcontextOntop
        movq    %rdx, %r8
        enterOther
        movq    %rsi, %rdx
        jmpq    *%r8
        .size   deadheatFcontextOntop, . - deadheatFcontextOntop

        // Where a new context begins: its function is in rbx. To return from that ends the process.
        own     deadheatFcontextBegin
        .cfi_startproc
        .cfi_undefined rip
        movq    %rax, %rdi
        movq    %rdx, %rsi
        callq   *%rbx
        xorl    %edi, %edi
        callq   _exit@PLT
        hlt
        .cfi_endproc
        .size   deadheatFcontextBegin, . - deadheatFcontextBegin

        .section .note.GNU-stack, "", @progbits
