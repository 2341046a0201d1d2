/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What users, groups and capabilities a process has had, so that a call that changed them can be told with both. When the
 * call ends the kernel itself no longer knows what was before.
 */
#pragma once

#include "records.bpf.h"

struct ids {
  u32 real;
  u32 effective;
  u32 saved;
  u32 file;
};

struct credentials {
  u64 start;
  u32 pid;
  u32 pad;
  struct ids user;
  struct ids group;
  u64 cap_permitted;
  u64 cap_effective;
};

#define CREDENTIALS 16384

/* By the process id's last bits: who is overwritten by a later process is told without what was before. */
struct {
  MAP_UINT(type, BPF_MAP_TYPE_ARRAY);
  MAP_UINT(max_entries, CREDENTIALS);
  MAP_TYPE(key, u32);
  MAP_TYPE(value, struct credentials);
} known_credentials SEC(".maps");

INLINE void read_credentials(struct credentials *to, struct cred *cred) {
  to->user.real = READ(cred, uid.val);
  to->user.effective = READ(cred, euid.val);
  to->user.saved = READ(cred, suid.val);
  to->user.file = READ(cred, fsuid.val);
  to->group.real = READ(cred, gid.val);
  to->group.effective = READ(cred, egid.val);
  to->group.saved = READ(cred, sgid.val);
  to->group.file = READ(cred, fsgid.val);
  /* 64 bits in a structure whose field has had several names. */
  bpf_probe_read_kernel(&to->cap_permitted, 8, __builtin_preserve_access_index(&cred->cap_permitted));
  bpf_probe_read_kernel(&to->cap_effective, 8, __builtin_preserve_access_index(&cred->cap_effective));
}

INLINE struct credentials *credentials_place(u32 pid) {
  u32 slot = pid & (CREDENTIALS - 1);
  return bpf_map_lookup_elem(&known_credentials, &slot);
}

/* Keeps what a process starts with. */
INLINE void remember_credentials(struct task_struct *task, u32 pid, u64 start) {
  if (!is_told(SET_USER) && !is_told(SET_GROUP) && !is_told(SET_CAPABILITIES)) return;
  struct credentials *known = credentials_place(pid);
  if (!known) return;
  known->pid = pid;
  known->start = start;
  read_credentials(known, READ(task, cred));
}
