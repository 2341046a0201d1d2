/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Names from the bottom up, and the files of a process. */
#pragma once

#include "records.bpf.h"

#define PATH_MAX 4096
#define CGROUP_MAX 2048

/* Adds a name, ended by a zero byte. False when there is no room for it. */
INLINE int add_name(struct scratch *to, u64 limit, const void *name) {
  u64 at = to->at;
  if (at > limit || at > SCRATCH - NAME_SLACK) return 0;
  long length = bpf_probe_read_kernel_str(&to->bytes[at], NAME_SLACK, name);
  if (length <= 0) return 0;
  to->at = at + length;
  return 1;
}

/*
 * Adds the names from a dentry up to the root of its mount namespace and returns their length. A path deeper than the
 * loop is cut at its upper end.
 */
static __attribute__((noinline)) u32 walk(struct scratch *to, struct dentry *dentry, struct vfsmount *mnt) {
  u64 start = to->at;
  struct mount *mount = (void *)mnt - OFFSET(struct mount, mnt);
  struct dentry *mnt_root = READ(mnt, mnt_root);
  for (int depth = 0; depth < 40; depth++) {
    if (!dentry) break;
    NEAR(near, dentry, d_parent);
    struct dentry *parent = IN(near, dentry, d_parent, d_parent);
    if (dentry == mnt_root) {
      struct mount *above = READ(mount, mnt_parent);
      if (!above || above == mount) break;
      dentry = READ(mount, mnt_mountpoint);
      mount = above;
      mnt_root = READ(mount, mnt.mnt_root);
      continue;
    }
    if (!add_name(to, start + PATH_MAX - NAME_SLACK, IN(near, dentry, d_parent, d_name.name))) break;
    if (dentry == parent) break; /* of no folder: a memfd */
    dentry = parent;
  }
  return to->at - start;
}

/* As walk, with the names of a task's cgroup up to the root of the unified hierarchy. */
static __attribute__((noinline)) u32 walk_cgroup(struct scratch *to, struct task_struct *task) {
  u64 start = to->at;
  struct css_set *set = READ(task, cgroups);
  struct cgroup *cgroup = READ(set, dfl_cgrp);
  struct kernfs_node *node = READ(cgroup, kn);
  for (int depth = 0; depth < 16; depth++) {
    struct kernfs_node *parent = 0;
    const char *name = 0;
    if (HAS(struct kernfs_node___parent, __parent)) {
      struct kernfs_node___parent *this = (void *)node;
      NEAR(near, this, __parent);
      parent = IN(near, this, __parent, __parent);
      name = IN(near, this, __parent, name);
    } else {
      struct kernfs_node___old *this = (void *)node;
      NEAR(near, this, parent);
      parent = IN(near, this, parent, parent);
      name = IN(near, this, parent, name);
    }
    if (!parent) break;
    if (!add_name(to, start + CGROUP_MAX - NAME_SLACK, name)) break;
    node = parent;
  }
  return to->at - start;
}

INLINE struct file *file_of(struct task_struct *task, u32 fd) {
  struct files_struct *files = QUICK(task, files);
  struct fdtable *table = QUICK(files, fdt);
  if (fd >= QUICK(table, max_fds)) return 0;
  struct file **slots = QUICK(table, fd);
  struct file *file = 0;
  bpf_probe_read_kernel(&file, sizeof(file), &slots[fd]);
  return file;
}
