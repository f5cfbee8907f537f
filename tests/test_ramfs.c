// Files in memory and the paths that lead to them.
//
// sources: libc/ramfs.c libc/ramfs_file.c libc/path.c libc/mutex.c libc/futex.c kernel/file.c kernel/heap.c kernel/console.c kernel/timer.c kernel/page.c tests/host/host.c

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "kernel/file.h"
#include "kernel/heap.h"
#include "kernel/late.h"
#include "libc/path.h"
#include "libc/ramfs.h"
#include "libc/sysfs.h"
#include "tests/host/host.h"
#include "tests/test.h"

void sysfs_make(void)
{
}

void devnode_await(const char *path)
{
}

// ---- paths ---------------------------------------------------------------------

static void test_paths_become_plain(void)
{
	static const struct {
		const char *cwd, *path, *plain;
	} rows[] = {
		{ "/", "/", "/" },
		{ "/", "a", "/a" },
		{ "/", "//a///b/", "/a/b" },
		{ "/", "/a/./b/.", "/a/b" },
		{ "/", "/a/../b", "/b" },
		{ "/", "/../../a", "/a" },
		{ "/", "/a/..", "/" },
		{ "/", "..", "/" },
		{ "/x/y", "a", "/x/y/a" },
		{ "/x/y", "../a", "/x/a" },
		{ "/x/y", "../../..", "/" },
		{ "/x/y", ".", "/x/y" },
		{ "/x/y", "...", "/x/y/..." },
		{ "/x/y", "..a", "/x/y/..a" },
		{ "/x/y", ".b/", "/x/y/.b" },
	};
	static const char *const dirs[] = { "/a", "/a/b", "/x", "/x/y" };
	char out[PATH_MAX];

	for (size_t i = 0; i < 4; i++)
		CHECK_EQ(ramfs_mkdir(dirs[i], 0755), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		test_note("%s in %s", rows[i].path, rows[i].cwd);
		path_set_cwd(rows[i].cwd);
		CHECK_EQ(path_plain(rows[i].path, false, out), 0);
		CHECK_STR(out, rows[i].plain);
	}
	CHECK_EQ(path_plain("", false, out), -ENOENT);
	for (size_t i = 4; i > 0; i--)
		CHECK_EQ(ramfs_remove(dirs[i - 1], true), 0);
	CHECK_EQ(path_plain(".", false, out), -ENOENT); // which was /x/y
	path_set_cwd("/");
}

static void test_names_before_a_slash_must_be_directories(void)
{
	static const struct {
		const char *path;
		int result;
	} rows[] = {
		{ "/d/f", 0 },
		{ "/d/f/", -ENOTDIR },
		{ "/d/f/.", -ENOTDIR },
		{ "/d/f/..", -ENOTDIR },
		{ "/d/f/../f", -ENOTDIR },
		{ "/d/new", 0 },
		{ "/d/new/", 0 }, // as mkdir() takes it
		{ "/d/new//", 0 },
		{ "/d/new/.", -ENOENT },
		{ "/d/new/..", -ENOENT },
		{ "/d/new/../f", -ENOENT },
		{ "/new/f", -ENOENT },
	};
	char out[PATH_MAX];
	struct file *f;

	CHECK_EQ(ramfs_mkdir("/d", 0755), 0);
	CHECK_EQ(ramfs_open("/d/f", O_WRONLY | O_CREAT, 0644, &f), 0);
	file_put(f);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		test_note("%s", rows[i].path);
		CHECK_EQ(path_plain(rows[i].path, false, out), rows[i].result);
	}
	CHECK(!ramfs_remove("/d/f", false) && !ramfs_remove("/d", true));
}

static void test_names_of_256_bytes_are_too_long(void)
{
	char path[258], out[PATH_MAX];

	memset(path, 'n', sizeof(path));
	path[0] = '/';
	path[257] = '\0';
	CHECK_EQ(path_plain(path, false, out), -ENAMETOOLONG);
	path[256] = '\0';
	CHECK_EQ(path_plain(path, false, out), 0);
}

static void test_path_of_path_max_is_too_long_by_one(void)
{
	char path[PATH_MAX + 1], out[PATH_MAX];

	memset(path, '/', sizeof(path));
	path[PATH_MAX - 2] = 'a';
	path[PATH_MAX - 1] = '\0';
	CHECK_EQ(path_plain(path, false, out), 0);
	CHECK_STR(out, "/a");
	path[PATH_MAX - 1] = 'a';
	path[PATH_MAX] = '\0';
	CHECK_EQ(path_plain(path, false, out), -ENAMETOOLONG);
}

// Not only what the app wrote may be too long, also what it means.
static void test_plain_path_of_path_max_is_too_long(void)
{
	enum { NAME_BYTES = 250, DEPTH = PATH_MAX / 256, LEFT = PATH_MAX - DEPTH * NAME_BYTES };
	char name[NAME_BYTES + 1], deep[PATH_MAX] = "", out[PATH_MAX];

	memset(name, 'n', NAME_BYTES);
	name[0] = '/';
	name[NAME_BYTES] = '\0';
	for (int i = 0; i < DEPTH; i++) {
		strcat(deep, name);
		CHECK_EQ(ramfs_mkdir(deep, 0755), 0);
	}
	path_set_cwd(deep);
	name[LEFT] = '\0'; // with a slash, and one byte for the end
	CHECK_EQ(path_plain(name + 1, false, out), -ENAMETOOLONG);
	name[LEFT - 1] = '\0';
	CHECK_EQ(path_plain(name + 1, false, out), 0);
	CHECK_EQ(strlen(out), PATH_MAX - 1);
	path_set_cwd("/");
	for (int i = DEPTH; i > 0; i--) {
		deep[NAME_BYTES * i] = '\0';
		CHECK_EQ(ramfs_remove(deep, true), 0);
	}
}

static void test_child_is_the_next_name_below(void)
{
	size_t length = 0;

	CHECK_STR(path_child("/dev", "/dev/dri/card0", &length), "dri/card0");
	CHECK_EQ(length, 3);
	CHECK_STR(path_child("/", "/tmp", &length), "tmp");
	CHECK_EQ(length, 3);
	CHECK(!path_child("/dev", "/dev", &length));
	CHECK(!path_child("/dev", "/device", &length));
	CHECK(!path_child("/", "/", &length));
	CHECK(!path_child("/dev/dri", "/dev/input", &length));
}

static void test_links_are_followed_anywhere(void)
{
	static const struct {
		const char *path, *end, *itself; // plain: followed at the end, and not
	} rows[] = {
		{ "/l/e", "/t/e", "/t/e" },
		{ "/l", "/t", "/l" },
		{ "/l/", "/t", "/t" },
		{ "/l/sub/up/e", "/t/e", "/t/e" }, // "up" is "../"
		{ "/l/sub/up/sub/up", "/t", "/t/sub/up" },
		{ "/l/sub/..", "/t", "/t" },
		{ "/far/..", "/t", "/t" }, // where it leads, not where it is
		{ "/far/new", "/t/sub/new", "/t/sub/new" },
		{ "/self", NULL, "/self" },
		{ "/self/e", NULL, NULL },
		{ "/self/", NULL, NULL },
	};
	char out[PATH_MAX];

	CHECK(!ramfs_mkdir("/t", 0755) && !ramfs_mkdir("/t/sub", 0755));
	CHECK(!ramfs_symlink("t", "/l") && !ramfs_symlink("../", "/t/sub/up") &&
	      !ramfs_symlink("//t/./sub/", "/far") && !ramfs_symlink("/self", "/self"));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *const wanted[] = { rows[i].itself, rows[i].end };

		for (int follow = 0; follow < 2; follow++) {
			test_note("%s, %d", rows[i].path, follow);
			CHECK_EQ(path_plain(rows[i].path, follow, out), wanted[follow] ? 0 : -ELOOP);
			if (wanted[follow])
				CHECK_STR(out, wanted[follow]);
		}
	}
	CHECK(!ramfs_remove("/l", false) && !ramfs_remove("/far", false) &&
	      !ramfs_remove("/self", false) && !ramfs_remove("/t/sub/up", false));
	CHECK(!ramfs_remove("/t/sub", true) && !ramfs_remove("/t", true));
}

static void test_link_and_what_follows_may_be_too_long(void)
{
	char path[PATH_MAX], out[PATH_MAX], target[600];

	memset(target, '/', sizeof(target));
	target[599] = '\0';
	CHECK_EQ(ramfs_symlink(target, "/l"), 0);
	memset(path, '/', sizeof(path));
	memcpy(path, "/l", 2);
	path[PATH_MAX - 598] = '\0';
	CHECK_EQ(path_plain(path, true, out), -ENAMETOOLONG);
	path[PATH_MAX - 599] = '\0';
	CHECK_EQ(path_plain(path, true, out), 0);
	CHECK_EQ(ramfs_remove("/l", false), 0);
}

static void test_links_are_followed_at_the_end(void)
{
	char out[PATH_MAX];

	CHECK(!ramfs_mkdir("/a", 0755) && !ramfs_mkdir("/b", 0755));
	CHECK_EQ(ramfs_symlink("../b/c", "/a/link"), 0);
	CHECK_EQ(ramfs_symlink("/abs", "/top"), 0);
	CHECK_EQ(ramfs_symlink("loop", "/loop"), 0);
	CHECK(!path_plain("/a/link", true, out) && !strcmp(out, "/b/c"));
	CHECK(!path_plain("/a/link", false, out) && !strcmp(out, "/a/link"));
	CHECK(!path_plain("/top", true, out) && !strcmp(out, "/abs"));
	CHECK_EQ(path_plain("/loop", true, out), -ELOOP);
	CHECK_EQ(ramfs_symlink("x", "/top"), -EEXIST);
	CHECK(!ramfs_remove("/a/link", false) && !ramfs_remove("/top", false) &&
	      !ramfs_remove("/loop", false));
	CHECK(!ramfs_remove("/a", true) && !ramfs_remove("/b", true));
}

// ---- files ---------------------------------------------------------------------

static struct file *create(const char *path)
{
	struct file *f = NULL;

	CHECK_EQ(ramfs_open(path, O_RDWR | O_CREAT, 0644, &f), 0);
	return f;
}

// A slow twin: the same bytes kept in an array.
static void test_random_writes_agree_with_an_array(void)
{
	static char twin[20000], back[20000];
	struct file *f = create("/twin");
	size_t size = 0;
	uint64_t seed = 3;

	memset(twin, 0, sizeof(twin));
	for (int i = 0; i < 2000; i++) {
		off_t at = test_random(&seed) % 15000;
		size_t bytes = test_random(&seed) % 300;
		char piece[300];

		if (i % 50 == 49) {
			CHECK_EQ(ramfs_truncate(f, at), 0);
			if ((size_t)at < size)
				memset(twin + at, 0, size - (size_t)at);
			size = (size_t)at;
			continue;
		}
		for (size_t k = 0; k < bytes; k++)
			piece[k] = (char)test_random(&seed);
		CHECK_EQ(ramfs_pwrite(f, piece, bytes, at), bytes);
		memcpy(twin + at, piece, bytes);
		if (bytes && (size_t)at + bytes > size)
			size = (size_t)at + bytes;
	}
	CHECK_EQ(f->ops->lseek(f, 0, SEEK_END), size);
	CHECK_EQ(ramfs_pread(f, back, sizeof(back), 0), size);
	CHECK(!memcmp(back, twin, size));
	file_put(f);
	CHECK_EQ(ramfs_remove("/twin", false), 0);
}

static void test_offsets_at_the_edge_are_refused(void)
{
	struct file *f = create("/edge");
	off_t max = (off_t)(~0ull >> 1);
	char c = 'x';

	CHECK_EQ(ramfs_pwrite(f, &c, 1, -1), -EINVAL);
	CHECK_EQ(ramfs_pread(f, &c, 1, -1), -EINVAL);
	CHECK_EQ(ramfs_pwrite(f, &c, 1, max), -EFBIG);
	CHECK_EQ(ramfs_pread(f, &c, 1, max), 0);
	CHECK_EQ(f->ops->lseek(f, max, SEEK_SET), max);
	CHECK_EQ(f->ops->lseek(f, 1, SEEK_CUR), -EINVAL);
	CHECK_EQ(f->ops->lseek(f, -1, SEEK_SET), -EINVAL);
	CHECK_EQ(f->ops->lseek(f, 0, 3), -EINVAL);
	CHECK_EQ(ramfs_truncate(f, -1), -EINVAL);
	CHECK_EQ(ramfs_truncate(f, max), -EFBIG);
	file_put(f);
	CHECK_EQ(ramfs_remove("/edge", false), 0);
}

static void test_failed_write_leaves_the_size(void)
{
	struct file *f = create("/f");
	struct stat st;

	host_wild_pointers = true;
	CHECK_EQ(f->ops->write(f, (void *)64, 10), -EFAULT);
	host_wild_pointers = false;
	CHECK(!ramfs_stat("/f", &st) && st.st_size == 0);
	file_put(f);
	CHECK_EQ(ramfs_remove("/f", false), 0);
}

static void test_removed_file_lives_while_open(void)
{
	struct file *f = create("/gone");
	struct stat st;
	char c = 0;

	CHECK_EQ(ramfs_pwrite(f, "q", 1, 0), 1);
	CHECK(!f->ops->stat(f, &st) && st.st_nlink == 1);
	CHECK_EQ(ramfs_remove("/gone", false), 0);
	CHECK(!f->ops->stat(f, &st) && st.st_nlink == 0);
	CHECK(ramfs_pread(f, &c, 1, 0) == 1 && c == 'q');
	file_put(f);
}

// ---- allocation failing ------------------------------------------------------------

static void test_every_failed_allocation_leaves_nothing(void)
{
	size_t before = heap_objects();
	unsigned nth = 0;
	struct file *f;
	int ret;

	do {
		fault_fail_alloc(++nth);
		ret = ramfs_open("/new", O_WRONLY | O_CREAT, 0600, &f);
		fault_fail_alloc(0);
		CHECK(ret == 0 || ret == -ENOMEM || ret == -ENOSPC);
		CHECK(ret == 0 || heap_objects() == before);
	} while (ret);
	CHECK(nth > 3);
	file_put(f);
	CHECK_EQ(ramfs_remove("/new", false), 0);
	CHECK_EQ(heap_objects(), before);
}

static void test_failed_rename_of_a_directory_moves_nothing(void)
{
	unsigned nth = 0;
	struct stat st;
	int ret;

	CHECK_EQ(ramfs_mkdir("/d", 0755), 0);
	CHECK_EQ(ramfs_mkdir("/d/a", 0755), 0);
	CHECK_EQ(ramfs_mkdir("/d/a/b", 0755), 0);
	do {
		fault_fail_alloc(++nth);
		ret = ramfs_rename("/d", "/e");
		fault_fail_alloc(0);
		CHECK(ret == 0 || (ret == -ENOMEM && !ramfs_stat("/d/a/b", &st)));
		CHECK(ret == 0 || ramfs_stat("/e", &st) == -ENOENT);
	} while (ret);
	CHECK_EQ(nth, 4);
	CHECK(!ramfs_stat("/e/a/b", &st) && ramfs_stat("/d", &st) == -ENOENT);
	CHECK_EQ(ramfs_remove("/e", true), -ENOTEMPTY);
	CHECK(!ramfs_remove("/e/a/b", true) && !ramfs_remove("/e/a", true) &&
	      !ramfs_remove("/e", true));
}

static void test_nothing_is_left_at_the_end(void)
{
	CHECK_EQ(heap_objects(), 0);
}

int main(void)
{
	host_init();
	RUN(test_paths_become_plain);
	RUN(test_names_before_a_slash_must_be_directories);
	RUN(test_names_of_256_bytes_are_too_long);
	RUN(test_path_of_path_max_is_too_long_by_one);
	RUN(test_plain_path_of_path_max_is_too_long);
	RUN(test_child_is_the_next_name_below);
	RUN(test_links_are_followed_anywhere);
	RUN(test_link_and_what_follows_may_be_too_long);
	RUN(test_links_are_followed_at_the_end);
	RUN(test_random_writes_agree_with_an_array);
	RUN(test_offsets_at_the_edge_are_refused);
	RUN(test_failed_write_leaves_the_size);
	RUN(test_removed_file_lives_while_open);
	RUN(test_every_failed_allocation_leaves_nothing);
	RUN(test_failed_rename_of_a_directory_moves_nothing);
	RUN(test_nothing_is_left_at_the_end);
	return test_finish();
}
