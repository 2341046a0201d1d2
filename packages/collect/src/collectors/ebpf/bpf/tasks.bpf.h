/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Finding a process by the number that another one knows it by. */
#pragma once

#include "records.bpf.h"

struct target {
  u64 start;
  u32 pid;
  u32 pad;
};

INLINE struct pid_namespace *pid_namespace_of(struct task_struct *task) {
  struct pid *pid = READ(task, thread_pid);
  u32 level = READ(pid, level);
  struct upid *numbers = __builtin_preserve_access_index(&pid->numbers[0]);
  /* The size of struct upid has been 16 bytes on every 64-bit kernel. */
  struct upid *number = (void *)numbers + (level & 31) * 16;
  return READ(number, ns);
}

INLINE struct task_struct *task_of(struct pid *pid) {
  struct hlist_head *tasks = __builtin_preserve_access_index(&pid->tasks[0]);
  struct hlist_node *first = READ(tasks, first);
  if (!first) return 0;
  return (void *)first - OFFSET(struct task_struct, pid_links);
}

INLINE void identify(struct target *to, struct task_struct *task) {
  to->pid = READ(task, tgid);
  to->start = start_of(task);
}

/*
 * The process of a number in the namespace of a task: the way through the namespace's tree of numbers that the kernel
 * itself takes (lib/xarray.c), but without its lock, so a process that ends meanwhile may not be found.
 */
static __attribute__((noinline)) int find_target(struct target *to, struct task_struct *task, u32 number) {
  struct pid_namespace *ns = pid_namespace_of(task);
  void *entry = READ(ns, idr.idr_rt.xa_head);
  for (int level = 0; level < 6; level++) {
    if (((u64)entry & 3) != 2) break;
    struct xa_node *node = (void *)((u64)entry & ~3ULL);
    u32 index = number >> (READ(node, shift) & 31);
    if (level == 0 && index > 63) return 0;
    void **slots = __builtin_preserve_access_index(&node->slots[0]);
    entry = 0;
    bpf_probe_read_kernel(&entry, sizeof(entry), &slots[index & 63]);
  }
  if (!entry || (u64)entry & 3) return 0;
  struct task_struct *found = task_of(entry);
  if (!found) return 0;
  identify(to, found);
  return 1;
}
