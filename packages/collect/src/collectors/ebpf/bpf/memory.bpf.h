/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Memory that is made executable. */
#pragma once

#include "system-records.bpf.h"

#define PROT_WRITE 2
#define PROT_EXEC 4
#define MAP_ANONYMOUS 0x20

/* What lies at an address: values[4] of the record. */
enum { MEMORY_UNKNOWN, MEMORY_ANONYMOUS, MEMORY_FILE, MEMORY_HEAP, MEMORY_STACK };

struct region {
  struct file *file;
  u64 start;
  u32 is_written;
  u32 is_known;
};

static long look_at_vma(struct task_struct *task, struct vm_area_struct *vma, struct region *to) {
  to->file = READ(vma, vm_file);
  to->start = READ(vma, vm_start);
  to->is_written = READ(vma, anon_vma) != 0;
  to->is_known = 1;
  return 0;
  (void)task;
}

/*
 * Tells memory that is, or may have been, writable: anonymous memory, pages of a file that were written for this process
 * alone, memory that is writable and executable at once, and files that have no name any more. A program that compiles
 * does so all the time, so each combination of region and protection is told once of a process.
 */
static __attribute__((noinline)) int on_executable(struct task_struct *task, struct call *call, u32 maps) {
  u64 address = maps ? (u64)call->result : call->arguments[0];
  u64 protection = call->arguments[2];
  struct region region = {};
  u32 kind = MEMORY_UNKNOWN;
  if (maps && !(call->arguments[3] & MAP_ANONYMOUS)) {
    region.file = file_of(task, call->arguments[4]);
    region.is_known = 1;
  } else if (maps) {
    region.is_known = 1;
  } else if (HAS_HELPER(find_vma)) {
    struct task_struct *current = bpf_get_current_task_btf();
    bpf_find_vma(current, address, look_at_vma, &region, 0);
  }
  struct mm_struct *mm = READ(task, mm);
  u64 stack = READ(mm, start_stack);
  if (!maps && address >= READ(mm, start_brk) && address < READ(mm, brk))
    kind = MEMORY_HEAP;
  else if (!maps && region.is_known && !region.file && region.start <= stack && stack - address < (64 << 20))
    kind = MEMORY_STACK;
  else if (region.is_known)
    kind = region.file ? MEMORY_FILE : MEMORY_ANONYMOUS;
  if (kind == MEMORY_FILE && !(protection & PROT_WRITE) && !region.is_written) {
    struct file *file = region.file;
    struct inode *inode = READ(file, f_inode);
    if (READ(inode, i_nlink) != 0) return 0;
  }
  u32 pid = READ(task, tgid);
  u32 matter = MAKE_EXECUTABLE << 24 | maps << 16 | kind << 8 | (protection & 7);
  if (!is_told(MAKE_EXECUTABLE) || was_told(pid, start_of(task), matter, EVER)) return 0;
  struct scratch *scratch = begin_system(MAKE_EXECUTABLE, task);
  if (!scratch) return 0;
  struct system_record *record = (void *)scratch->bytes;
  record->call = call->how;
  record->values[0] = address;
  record->values[1] = call->arguments[1];
  record->values[2] = protection;
  record->values[3] = maps ? call->arguments[3] : 0;
  record->values[4] = kind;
  if (kind == MEMORY_FILE) add_file(scratch, region.file);
  tell_system(scratch);
  return 0;
}
