/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The end of system calls. Of the two programs the first runs only for the calls that it was attached to, by their names:
 * the others pay a third of what the second costs them, which runs for every call of everybody. The kernel leaves calls of
 * 32-bit programs out of the first, and some do not let it be attached at all.
 */
#pragma once

#include "call-tables.bpf.h"
#include "datagrams.bpf.h"
#include "raw-sockets.bpf.h"
#include "self-delete.bpf.h"
#include "signals.bpf.h"
#include "sockets.bpf.h"
#include "system.bpf.h"

#define TS_COMPAT 2

INLINE int is_compat(struct task_struct *task) {
  return READ(task, thread_info.status) & TS_COMPAT;
}

INLINE u64 argument(void *regs, int compat, int index) {
  if (HAS(struct pt_regs___x86, orig_ax)) {
    struct pt_regs___x86 *x86 = regs;
    if (compat) {
      u64 value = index == 0   ? x86->bx
                  : index == 1 ? x86->cx
                  : index == 2 ? x86->dx
                  : index == 3 ? x86->si
                  : index == 4 ? x86->di
                               : x86->bp;
      return (u32)value;
    }
    return index == 0   ? x86->di
           : index == 1 ? x86->si
           : index == 2 ? x86->dx
           : index == 3 ? x86->r10
           : index == 4 ? x86->r8
                        : x86->r9;
  }
  struct pt_regs___arm64 *arm = regs;
  return index == 0   ? arm->orig_x0
         : index == 1 ? arm->regs[1]
         : index == 2 ? arm->regs[2]
         : index == 3 ? arm->regs[3]
         : index == 4 ? arm->regs[4]
                      : arm->regs[5];
}

static __attribute__((noinline)) int on_socket_call(struct task_struct *task, struct call *call) {
  switch (call->how) {
  case BINDS:
    return is_told(BIND) ? on_bind(task, call->arguments[0], call->arguments[1]) : 0;
  case MAKES_SOCKET:
    return on_socket(task, call);
  }
  return is_told(SEND) || is_told(DNS) ? on_send(task, call) : 0;
}

static __attribute__((noinline)) int
end_of_call(struct task_struct *task, void *regs, u32 call, int compat, s64 result) {
  u32 operation = OPERATION(call);
  u64 first, second, third;
  switch (HOW(call)) {
  case OPENS: {
    struct file *file = file_of(task, result);
    if (!file) return 0;
    u32 mode = QUICK(file, f_mode);
    if (mode & FMODE_WRITE) look_for_mem(task, file);
    on_open(task, file, mode);
    return 0;
  }
  case ACCEPTS:
    if (is_told(ACCEPT)) on_accept(task, result);
    return 0;
  }
  if (HOW(call) >= PTRACE) {
    int is_mapping = HOW(call) == MMAP || HOW(call) == MPROTECT || HOW(call) == PKEY_MPROTECT;
    if (is_mapping && !(argument(regs, compat, 2) & PROT_EXEC)) return 0;
    struct call system = {.how = HOW(call), .compat = compat, .result = result};
    for (int i = 0; i < 6; i++) system.arguments[i] = argument(regs, compat, i);
    return is_mapping ? on_executable(task, &system, HOW(call) == MMAP) : on_system(task, &system);
  }
  if (HOW(call) >= SENDS_TO) {
    struct call of_socket = {.how = HOW(call), .compat = compat, .result = result};
    for (int i = 0; i < 6; i++) of_socket.arguments[i] = argument(regs, compat, i);
    return on_socket_call(task, &of_socket);
  }
  first = argument(regs, compat, 0);
  switch (HOW(call)) {
  case CONNECTS:
    if (is_told(CONNECT)) on_connect(task, first, argument(regs, compat, 1), result);
    return 0;
  case BY_FD: {
    struct file *file = file_of(task, first);
    if (file) tell_file(task, file, operation);
    return 0;
  }
  }
  const char *path = 0, *path2 = 0;
  int folder = AT_FDCWD, folder2 = AT_FDCWD;
  second = argument(regs, compat, 1);
  third = argument(regs, compat, 2);
  switch (HOW(call)) {
  case BY_PATH:
    path = (void *)first;
    break;
  case BY_PATH_AT:
    folder = first;
    path = (void *)second;
    /* utimensat without a path is about the descriptor. */
    if (!path) {
      struct file *file = file_of(task, folder);
      if (file) tell_file(task, file, operation);
    }
    break;
  case BY_TWO:
    path = (void *)first;
    path2 = (void *)second;
    break;
  case BY_TWO_AT:
    folder = first;
    path = (void *)second;
    folder2 = third;
    path2 = (void *)argument(regs, compat, 3);
    break;
  case BY_SECOND:
  case BY_FOURTH:
    path = (void *)second;
    break;
  case BY_SECOND_AT:
    folder = second;
    path = (void *)third;
    break;
  case BY_FOURTH_AT:
    folder = third;
    path = (void *)argument(regs, compat, 3);
    break;
  }
  if (path) on_path(task, operation, path, folder, path2, folder2);
  if (path && operation == DELETE) look_for_self_delete(task, (u64)path);
  return 0;
}

/* Whether calls are watched by name. */
u32 calls_by_name;

/* The same on every machine: how the tracepoints of system calls hand them over (struct syscall_tp_t). */
struct ended_call {
  u64 reserved;
  u32 number;
  u32 pad;
  s64 result;
};

SEC("tracepoint")
int named_call(struct ended_call *ended) {
  u32 number = ended->number;
  if (!calls_by_name || number >= CALLS || !HAS_HELPER(task_pt_regs)) return 0;
  u32 call = HAS(struct pt_regs___x86, orig_ax) ? x86_64_calls[number] : generic_calls[number];
  s64 result = ended->result;
  if (!call || (result < 0 && !(call & FAILED_TOO))) return 0;
  struct task_struct *task = bpf_get_current_task_btf();
  end_of_call(task, bpf_task_pt_regs(task), call, 0, result);
  return 0;
}

SEC("tp_btf/sys_exit")
int system_call(u64 *ctx) {
  void *regs = (void *)ctx[0];
  s64 result = ctx[1];
  u32 call = 0;
  int compat = 0;
  struct task_struct *task = bpf_get_current_task();
  if (HAS(struct pt_regs___x86, orig_ax)) {
    u64 number = ((struct pt_regs___x86 *)regs)->orig_ax;
    if (number >= CALLS) return 0;
    call = x86_64_calls[number];
    u16 other = i386_calls[number];
    if (!call && !other) return 0;
    compat = is_compat(task);
    if (compat) call = other;
    if (calls_by_name && !compat) return 0;
  } else {
    u64 number = ((struct pt_regs___arm64 *)regs)->syscallno;
    if (number >= CALLS) return 0;
    call = generic_calls[number];
  }
  if (!call || (result < 0 && !(call & FAILED_TOO))) return 0;
  return end_of_call(task, regs, call, compat, result);
}

/* Perf events of the calls that are watched by name. What this map lets go of the kernel closes later, by itself. */
struct {
  MAP_UINT(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
  MAP_UINT(max_entries, 256);
  MAP_TYPE(key, u32);
  MAP_TYPE(value, u32);
} call_events SEC(".maps");
