// SPDX-License-Identifier: GPL-3.0-or-later
// Reads directories in the order of the names. File systems give the names in orders of their own:
// ext4 by a hash with a seed of each file system, tmpfs by age. What scripts make from a directory
// must not depend on where the store is: TeX's ls-R, GHC's package cache.
//
// These functions take the place of libc's. Its own functions (nftw, glob) use internal names, so
// they read as before; glob sorts.
#include "system_call.h"

#define PAGE 4096UL
#define IS_DIRECTORY(mode) (((mode)&0170000U) == 0040000U)
#if defined(__aarch64__)
#define OPEN_DIRECTORY (040000 | 02000000)
#else
#define OPEN_DIRECTORY (0200000 | 02000000)
#endif
#define HERE (-100)
#define NO_MEMORY 12
#define NOT_A_DIRECTORY 20
#define BAD_DESCRIPTOR 9

// As getdents64(2) writes them; the same as struct dirent and struct dirent64 of 64-bit libc.
struct entry {
  unsigned long inode;
  long next;
  unsigned short size;
  unsigned char type;
  char name[];
};

struct block {
  char *bytes;
  unsigned long size;
};

typedef struct directory {
  int file;
  int is_read;
  unsigned long count;
  unsigned long at;
  struct entry **entries;
  struct block records;
  struct block order;
} DIR;

extern int *__errno_location(void) __attribute__((weak));

static void set_error(long number) {
  if (__errno_location != 0) *__errno_location() = (int)number;
}

static int grow(struct block *block, unsigned long size) {
  size = (size + PAGE - 1) / PAGE * PAGE;
  if (size <= block->size) return 1;
  const long made = system_call6(MMAP_CALL, 0, (long)size, 1 | 2, 2 | 32, -1, 0);
  if (made < 0 && made > -4096) return 0;
  char *bytes = (char *)made;
  for (unsigned long i = 0; i < block->size; ++i) bytes[i] = block->bytes[i];
  if (block->size > 0) system_call6(MUNMAP_CALL, (long)block->bytes, (long)block->size, 0, 0, 0, 0);
  block->bytes = bytes;
  block->size = size;
  return 1;
}

static void release(struct block *block) {
  if (block->size > 0) system_call6(MUNMAP_CALL, (long)block->bytes, (long)block->size, 0, 0, 0, 0);
  block->bytes = 0;
  block->size = 0;
}

static int precedes(const struct entry *a, const struct entry *b) {
  const unsigned char *left = (const unsigned char *)a->name;
  const unsigned char *right = (const unsigned char *)b->name;
  while (*left != 0 && *left == *right) ++left, ++right;
  return *left < *right;
}

// Heapsort: in place, and never slow.
static void sift(struct entry **entries, unsigned long from, unsigned long count) {
  for (;;) {
    unsigned long largest = 2 * from + 1;
    if (largest >= count) return;
    if (largest + 1 < count && precedes(entries[largest], entries[largest + 1])) ++largest;
    if (!precedes(entries[from], entries[largest])) return;
    struct entry *const other = entries[from];
    entries[from] = entries[largest];
    entries[largest] = other;
    from = largest;
  }
}

static void sort(struct entry **entries, unsigned long count) {
  for (unsigned long at = count / 2; at > 0; --at) sift(entries, at - 1, count);
  for (unsigned long end = count; end > 1; --end) {
    struct entry *const last = entries[end - 1];
    entries[end - 1] = entries[0];
    entries[0] = last;
    sift(entries, 0, end - 1);
  }
}

// Returns a number of errno(3), or 0.
static long read_all(DIR *directory) {
  unsigned long used = 0;
  directory->count = 0;
  for (;;) {
    if (!grow(&directory->records, used + 16 * PAGE)) return NO_MEMORY;
    const long got = system_call6(GETDENTS_CALL, directory->file,
                                  (long)(directory->records.bytes + used), 16 * PAGE, 0, 0, 0);
    if (got < 0) return -got;
    if (got == 0) break;
    used += (unsigned long)got;
  }
  for (unsigned long at = 0; at < used; ++directory->count) {
    at += ((struct entry *)(directory->records.bytes + at))->size;
  }
  if (!grow(&directory->order, directory->count * sizeof(struct entry *) + 1)) return NO_MEMORY;
  directory->entries = (struct entry **)directory->order.bytes;
  unsigned long number = 0;
  for (unsigned long at = 0; at < used;) {
    struct entry *const one = (struct entry *)(directory->records.bytes + at);
    directory->entries[number++] = one;
    at += one->size;
  }
  sort(directory->entries, directory->count);
  for (number = 0; number < directory->count; ++number) {
    directory->entries[number]->next = (long)number + 1;
  }
  directory->is_read = 1;
  return 0;
}

DIR *fdopendir(int file) {
  // struct stat of both architectures has the mode in its first 32 bytes, at different places.
  unsigned int status[64];
#if defined(__x86_64__)
  const unsigned mode_at = 6;
#else
  const unsigned mode_at = 4;
#endif
  const long seen = system_call6(FSTAT_CALL, file, (long)status, 0, 0, 0, 0);
  if (seen < 0) {
    set_error(-seen);
    return 0;
  }
  if (!IS_DIRECTORY(status[mode_at])) {
    set_error(NOT_A_DIRECTORY);
    return 0;
  }
  struct block own = {0, 0};
  if (!grow(&own, sizeof(DIR))) {
    set_error(NO_MEMORY);
    return 0;
  }
  system_call6(FCNTL_CALL, file, 2, 1, 0, 0, 0);  // F_SETFD, FD_CLOEXEC, as libc does
  DIR *const directory = (DIR *)own.bytes;        // the rest is zero
  directory->file = file;
  return directory;
}

DIR *opendir(const char *path) {
  const long file = system_call6(OPENAT_CALL, HERE, (long)path, OPEN_DIRECTORY, 0, 0, 0);
  if (file < 0) {
    set_error(-file);
    return 0;
  }
  DIR *const directory = fdopendir((int)file);
  if (directory == 0) system_call6(CLOSE_CALL, file, 0, 0, 0, 0, 0);
  return directory;
}

int closedir(DIR *directory) {
  if (directory == 0) {
    set_error(BAD_DESCRIPTOR);
    return -1;
  }
  const int file = directory->file;
  release(&directory->records);
  release(&directory->order);
  system_call6(MUNMAP_CALL, (long)directory, PAGE, 0, 0, 0, 0);
  const long closed = system_call6(CLOSE_CALL, file, 0, 0, 0, 0, 0);
  if (closed < 0) set_error(-closed);
  return closed < 0 ? -1 : 0;
}

struct entry *readdir64(DIR *directory) {
  if (!directory->is_read) {
    const long problem = read_all(directory);
    if (problem != 0) {
      set_error(problem);
      return 0;
    }
  }
  if (directory->at >= directory->count) return 0;
  return directory->entries[directory->at++];
}

int readdir64_r(DIR *directory, struct entry *copy, struct entry **result) {
  *result = 0;
  if (!directory->is_read) {
    const long problem = read_all(directory);
    if (problem != 0) return (int)problem;
  }
  if (directory->at >= directory->count) return 0;
  const char *const from = (const char *)directory->entries[directory->at];
  for (unsigned long i = 0; i < directory->entries[directory->at]->size; ++i) {
    ((char *)copy)[i] = from[i];
  }
  ++directory->at;
  *result = copy;
  return 0;
}

struct entry *readdir(DIR *directory) __attribute__((alias("readdir64")));
int readdir_r(DIR *directory, struct entry *copy, struct entry **result)
    __attribute__((alias("readdir64_r")));

void rewinddir(DIR *directory) {
  system_call6(LSEEK_CALL, directory->file, 0, 0, 0, 0, 0);
  directory->is_read = 0;
  directory->at = 0;
}

long telldir(DIR *directory) { return (long)directory->at; }
void seekdir(DIR *directory, long at) { directory->at = (unsigned long)at; }
int dirfd(DIR *directory) { return directory->file; }
