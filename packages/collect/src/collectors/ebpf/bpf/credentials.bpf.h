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
  /* Of users, groups and capabilities as they were last told: of threads that change together one tells it. */
  u64 digests[3];
};

INLINE u64 digest(u64 first, u64 second) {
  return first * 0x9e3779b97f4a7c15ULL + second * 0xc2b2ae3d27d4eb4fULL;
}

INLINE void take_digests(struct credentials *of) {
  u64 *values = (void *)&of->user;
  of->digests[0] = digest(values[0], values[1]);
  of->digests[1] = digest(values[2], values[3]);
  of->digests[2] = digest(values[4], values[5]);
}

#define CREDENTIALS 16384

/* By the process id's last bits: who is overwritten by a later process is told without what was before. */
struct {
  MAP_UINT(type, BPF_MAP_TYPE_ARRAY);
  MAP_UINT(max_entries, CREDENTIALS);
  MAP_TYPE(key, u32);
  MAP_TYPE(value, struct credentials);
} known_credentials SEC(".maps");

INLINE void read_capabilities(struct credentials *to, struct cred *cred) {
  NEAR(near, cred, cap_permitted);
  to->cap_permitted = IN(near, cred, cap_permitted, cap_permitted).bits;
  to->cap_effective = IN(near, cred, cap_permitted, cap_effective).bits;
}

INLINE void read_credentials(struct credentials *to, struct cred *cred) {
  to->user.real = READ(cred, uid.val);
  to->user.effective = READ(cred, euid.val);
  to->user.saved = READ(cred, suid.val);
  to->user.file = READ(cred, fsuid.val);
  to->group.real = READ(cred, gid.val);
  to->group.effective = READ(cred, egid.val);
  to->group.saved = READ(cred, sgid.val);
  to->group.file = READ(cred, fsgid.val);
  read_capabilities(to, cred);
}

INLINE struct credentials *credentials_place(u32 pid) {
  u32 slot = pid & (CREDENTIALS - 1);
  return bpf_map_lookup_elem(&known_credentials, &slot);
}

/* Keeps what a process starts with. The task is one that a tracepoint handed over. */
INLINE void remember_credentials(struct task_struct *task, u32 pid, u64 start) {
  if (!is_told(SET_USER) && !is_told(SET_GROUP) && !is_told(SET_CAPABILITIES)) return;
  struct credentials *known = credentials_place(pid);
  if (!known) return;
  known->pid = pid;
  known->start = start;
  struct cred *cred = task->cred;
  known->user.real = cred->uid.val;
  known->user.effective = cred->euid.val;
  known->user.saved = cred->suid.val;
  known->user.file = cred->fsuid.val;
  known->group.real = cred->gid.val;
  known->group.effective = cred->egid.val;
  known->group.saved = cred->sgid.val;
  known->group.file = cred->fsgid.val;
  read_capabilities(known, cred);
  take_digests(known);
}
