/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A process that removes the file of the program that it runs. */
#pragma once

#include "system-records.bpf.h"

/* Whether a path of the program ends with a name, as a whole part of it. */
INLINE int ends_with(struct scratch *scratch, u64 path, struct dentry *dentry) {
  u64 length = READ(dentry, d_name.len);
  long size = bpf_probe_read_user_str(scratch->bytes, PATH_MAX, (void *)path);
  if (size <= 1 || length == 0 || length > 255 || (u64)size - 1 < length) return 0;
  u64 at = size - 1 - length;
  if (at > 0 && scratch->bytes[(at - 1) & (PATH_MAX - 1)] != '/') return 0;
  u8 *name = &scratch->bytes[PATH_MAX + NAME_SLACK];
  if (bpf_probe_read_kernel_str(name, NAME_SLACK, READ(dentry, d_name.name)) <= 0) return 0;
  for (u32 i = 0; i < NAME_SLACK; i++) {
    if (i >= length) break;
    if (scratch->bytes[(at + i) & (PATH_MAX - 1)] != name[i]) return 0;
  }
  return 1;
}

/*
 * Asked once a file was removed: the one that runs has no name any more, and that was its name. What is no longer there
 * when the call ends cannot be compared itself.
 */
static __attribute__((noinline)) int look_for_self_delete(struct task_struct *task, u64 path) {
  if (!is_told(SELF_DELETE)) return 0;
  struct mm_struct *mm = READ(task, mm);
  struct file *exe = READ(mm, exe_file);
  struct inode *inode = READ(exe, f_inode);
  if (!inode || READ(inode, i_nlink) != 0) return 0;
  u32 slot = 2;
  struct scratch *place = bpf_map_lookup_elem(&scratches, &slot);
  if (!place || !ends_with(place, path, READ(exe, f_path.dentry))) return 0;
  if (was_told(READ(task, tgid), start_of(task), SELF_DELETE << 24, EVER)) return 0;
  struct scratch *scratch = begin_system(SELF_DELETE, task);
  if (!scratch) return 0;
  struct system_record *record = (void *)scratch->bytes;
  record->values[0] = READ(inode, i_ino);
  add_file(scratch, exe);
  tell_system(scratch);
  return 0;
}
