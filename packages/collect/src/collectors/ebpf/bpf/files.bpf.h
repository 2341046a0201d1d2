/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Files that are watched, and paths that may lead to one. */
#pragma once

#include "paths.bpf.h"

/* Mount namespace and root folder of the host. Paths in system calls are followed only from there. */
u32 home_mnt_ns;
u32 home_root_dev;
u64 home_root_ino;
/* A thread of the collector that opens files to learn how the kernel calls them, and what it learnt last. */
u32 learn_thread;
u32 learnt_mode;
u64 learnt_ino;
u32 learnt_dev;
u32 learnt_count;

struct inode_key {
  u64 ino;
  u32 dev;
  u32 pad;
};

#define WATCH_SELF 1
#define WATCH_SELF_READS 2
#define WATCH_TREE 4
#define WATCH_TREE_READS 8
#define WATCH_NAMES 16

struct {
  MAP_UINT(type, BPF_MAP_TYPE_HASH);
  MAP_UINT(max_entries, 4096);
  MAP_TYPE(key, struct inode_key);
  MAP_TYPE(value, u32);
} watched_inodes SEC(".maps");

/* For each watched inode the bit of its last digits: what has none there need not be looked for in the table. */
#define FILTER_BITS 32768
u32 watched_filter[FILTER_BITS / 32];

#define WATCH_NAME_MAX 64

struct name_key {
  u64 ino;
  u32 dev;
  char name[WATCH_NAME_MAX];
  u32 pad;
};

/* A file by its folder and name, whether it exists or not: survives its replacement. */
struct {
  MAP_UINT(type, BPF_MAP_TYPE_HASH);
  MAP_UINT(max_entries, 4096);
  MAP_TYPE(key, struct name_key);
  MAP_TYPE(value, u32);
} watched_names SEC(".maps");

enum operation { CREATE = 1, READ_FILE, WRITE, DELETE, RENAME, ATTRIBUTES };

#define MATCH_NAME 0
#define MATCH_INODE 1

struct file_record {
  struct header header;
  u64 ino;
  u32 dev;
  u8 operation;
  u8 match; /* MATCH_INODE: an inode that is watched, under a name that is not */
  u16 path_length;
};

/* The path of a file, of a call that named it by a path: where the path starts, and the path as it was given. */
struct path_record {
  struct header header;
  u32 operation;
  u16 base_length[2];
  u16 path_length[2];
  u16 pad[2];
};

struct match {
  u32 self; /* flags of the file or folder itself */
  u32 around; /* of the folder that it is in, or of one further up */
};

INLINE u32 *inode_flags(struct inode *inode) {
  u64 ino = QUICK(inode, i_ino);
  u32 bit = ino & (FILTER_BITS - 1);
  if (!(watched_filter[bit / 32] >> (bit & 31) & 1)) return 0;
  struct super_block *sb = READ(inode, i_sb);
  struct inode_key key = {.ino = ino, .dev = READ(sb, s_dev)};
  return bpf_map_lookup_elem(&watched_inodes, &key);
}

INLINE u32 name_flags(struct inode *folder, struct dentry *dentry, const char *user_name) {
  struct super_block *sb = READ(folder, i_sb);
  struct name_key key = {.ino = READ(folder, i_ino), .dev = READ(sb, s_dev)};
  if (dentry) {
    const unsigned char *name = READ(dentry, d_name.name);
    bpf_probe_read_kernel_str(key.name, WATCH_NAME_MAX, name);
  } else {
    bpf_probe_read_user_str(key.name, WATCH_NAME_MAX, user_name);
  }
  u32 *flags = bpf_map_lookup_elem(&watched_names, &key);
  return flags ? *flags : 0;
}

/* What of the watch concerns a file in this folder: by a name in it, or because it or a folder above is watched whole. */
static __attribute__((noinline)) u32 folder_flags(struct dentry *folder, struct dentry *child, const char *name) {
  u32 found = 0;
  for (int level = 0; level < 8; level++) {
    if (!folder) break;
    struct inode *inode = QUICK(folder, d_inode);
    u32 *flags = inode_flags(inode);
    if (flags) {
      found |= *flags & (WATCH_TREE | WATCH_TREE_READS);
      if (level == 0 && *flags & WATCH_NAMES) found |= name_flags(inode, child, name);
    }
    struct dentry *parent = QUICK(folder, d_parent);
    if (parent == folder) break;
    folder = parent;
  }
  return found;
}

#define WATCHES (WATCH_SELF | WATCH_TREE)
#define READS (WATCH_SELF_READS | WATCH_TREE_READS)

static __attribute__((noinline)) int tell_file(struct task_struct *task, struct file *file, u32 operation) {
  if (!is_told(FILE)) return 0;
  struct inode *inode = QUICK(file, f_inode);
  struct dentry *dentry = QUICK(file, f_path.dentry);
  struct dentry *parent = QUICK(dentry, d_parent);
  u32 *own = inode_flags(inode);
  u32 self = own ? *own & ~WATCH_NAMES : 0;
  u32 around = folder_flags(parent, dentry, 0);
  u32 flags = self | around;
  if (!flags) return 0;
  if (!(flags & (operation == READ_FILE ? READS : WATCHES))) return 0;
  u32 pid = READ(task, tgid);
  u64 start = start_of(task);
  if (is_ignored(pid, start)) return 0;

  if (!admit(FILE)) return 0;
  u32 slot = 1;
  struct scratch *scratch = bpf_map_lookup_elem(&scratches, &slot);
  if (!scratch) {
    count(lost, FILE);
    return 0;
  }
  struct file_record *record = (void *)scratch->bytes;
  head(&record->header, FILE, pid, start);
  struct super_block *sb = READ(inode, i_sb);
  record->ino = READ(inode, i_ino);
  record->dev = READ(sb, s_dev);
  record->operation = operation;
  record->match = around || self & WATCH_TREE ? MATCH_NAME : MATCH_INODE;
  scratch->at = sizeof(*record);
  record->path_length = walk(scratch, dentry, READ(file, f_path.mnt));
  if (send(&bulk_ring, scratch, bulk_wake())) count(lost, FILE);
  return 0;
}

#define FMODE_READ 1
#define FMODE_WRITE 2
#define FMODE_PATH 0x4000
#define FMODE_CREATED 0x100000

INLINE void on_open(struct task_struct *task, struct file *file, u32 mode) {
  if (learn_thread && (u32)bpf_get_current_pid_tgid() == learn_thread) {
    struct inode *inode = READ(file, f_inode);
    struct super_block *sb = READ(inode, i_sb);
    learnt_ino = READ(inode, i_ino);
    learnt_dev = READ(sb, s_dev);
    learnt_mode = READ(inode, i_mode);
    learnt_count++;
    return;
  }
  if (mode & FMODE_CREATED)
    tell_file(task, file, CREATE);
  else if (mode & FMODE_WRITE)
    tell_file(task, file, WRITE);
  else if (mode & FMODE_READ)
    tell_file(task, file, READ_FILE);
}

#define AT_FDCWD -100

struct named {
  const char *path;
  int folder;
};

#define MAYBE_WATCHED 0
#define NOT_WATCHED 1
#define UNREADABLE 2

/* Adds a path of a call and the folder that it starts from. */
static __attribute__((noinline)) int
add_named(struct scratch *scratch, struct task_struct *task, struct named *named, u32 index) {
  struct path_record *record = (void *)scratch->bytes;
  struct fs_struct *fs = READ(task, fs);
  struct dentry *dentry = 0;
  struct vfsmount *mnt = 0;
  char first = 0;
  bpf_probe_read_user(&first, 1, named->path);
  if (first == '/') {
    dentry = READ(fs, root.dentry);
    mnt = READ(fs, root.mnt);
  } else if (named->folder == AT_FDCWD) {
    dentry = READ(fs, pwd.dentry);
    mnt = READ(fs, pwd.mnt);
  } else {
    struct file *file = file_of(task, named->folder);
    if (!file) return UNREADABLE;
    dentry = READ(file, f_path.dentry);
    mnt = READ(file, f_path.mnt);
  }
  index &= 1;
  record->base_length[index] = walk(scratch, dentry, mnt);
  u64 at = scratch->at;
  if (at > SCRATCH - PATH_MAX) return UNREADABLE;
  long length = bpf_probe_read_user_str(&scratch->bytes[at], PATH_MAX, named->path);
  if (length <= 0) return UNREADABLE;
  record->path_length[index] = length;
  scratch->at = at + length;

  /* A bare name is decided here, so that the sweep of a temporary folder stays in the kernel. */
  for (u32 i = 0; i < NAME_SLACK; i++) {
    u64 place = at + i;
    if (place >= SCRATCH) return MAYBE_WATCHED;
    char c = scratch->bytes[place];
    if (c == '/' || (i == 0 && (c == '.' || c == 0))) return MAYBE_WATCHED;
    if (c == 0) break;
  }
  return folder_flags(dentry, 0, named->path) ? MAYBE_WATCHED : NOT_WATCHED;
}

/* In a container the same path is another file. A service with mounts of its own still has the root of the host. */
INLINE int is_home(struct task_struct *task) {
  struct nsproxy *nsproxy = READ(task, nsproxy);
  struct mnt_namespace *mnt_ns = READ(nsproxy, mnt_ns);
  if (READ(mnt_ns, ns.inum) == home_mnt_ns) return 1;
  struct fs_struct *fs = READ(task, fs);
  struct dentry *root = READ(fs, root.dentry);
  struct inode *inode = READ(root, d_inode);
  struct super_block *sb = READ(inode, i_sb);
  return READ(inode, i_ino) == home_root_ino && READ(sb, s_dev) == home_root_dev;
}

INLINE void
on_path(struct task_struct *task, u32 operation, const char *path, int folder, const char *path2, int folder2) {
  if (!is_told(PATH) || !is_home(task)) return;
  u32 pid = READ(task, tgid);
  u64 start = start_of(task);
  if (is_ignored(pid, start)) return;
  u32 slot = 1;
  struct scratch *scratch = bpf_map_lookup_elem(&scratches, &slot);
  if (!scratch) return;
  struct path_record *record = (void *)scratch->bytes;
  __builtin_memset(record, 0, sizeof(*record));
  head(&record->header, PATH, pid, start);
  record->operation = operation;
  scratch->at = sizeof(*record);
  struct named named = {path, folder};
  int found = add_named(scratch, task, &named, 0);
  if (found == UNREADABLE) return;
  if (path2) {
    named.path = path2;
    named.folder = folder2;
    int found2 = add_named(scratch, task, &named, 1);
    if (found2 == UNREADABLE) return;
    if (found2 == MAYBE_WATCHED) found = MAYBE_WATCHED;
  }
  if (found == NOT_WATCHED) return;
  if (admit(PATH) && send(&bulk_ring, scratch, bulk_wake())) count(lost, PATH);
}
