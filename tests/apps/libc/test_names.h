// Paths and directories, and what stat tells of them.
#pragma once

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "test_files.h"

static void make_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	CHECK(fd >= 0);
	CHECK_EQ(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void test_stat_tells_kind_and_size(void)
{
	struct stat st;

	make_file("/tmp/s", "12345");
	CHECK_EQ(stat("/tmp/s", &st), 0);
	CHECK(S_ISREG(st.st_mode) && st.st_size == 5 && (st.st_mode & 0777) == 0644);
	CHECK_EQ(stat("/tmp", &st), 0);
	CHECK(S_ISDIR(st.st_mode));
	CHECK_EQ(stat("/dev", &st), 0);
	CHECK(S_ISDIR(st.st_mode));
	CHECK_EQ(stat("/dev/null", &st), 0);
	CHECK(S_ISCHR(st.st_mode) && major(st.st_rdev) == 1 && minor(st.st_rdev) == 3);
	CHECK_ERROR(stat("/tmp/none", &st), ENOENT);
	CHECK_ERROR(stat("/tmp/s/below", &st), ENOTDIR);
	CHECK_ERROR(stat("", &st), ENOENT);
	CHECK_EQ(access("/tmp/s", R_OK | W_OK), 0);
	CHECK_ERROR(access("/tmp/s", X_OK), EACCES);
	CHECK_ERROR(access("/tmp/none", F_OK), ENOENT);
	CHECK_ERROR(access("/tmp/s", 8), EINVAL);
	CHECK_EQ(chmod("/tmp/s", 0755), 0);
	CHECK_EQ(access("/tmp/s", X_OK), 0);
	CHECK_EQ(chown("/tmp/s", 0, 0), 0);
	CHECK_EQ(unlink("/tmp/s"), 0);
}

static void test_umask_takes_bits_from_new_files(void)
{
	struct stat st;

	CHECK_EQ(umask(077), 0);
	CHECK_EQ(umask(01022), 077);
	make_file("/tmp/masked", ""); // asks for 0644
	CHECK(!stat("/tmp/masked", &st) && (st.st_mode & 0777) == 0644);
	CHECK_EQ(chmod("/tmp/masked", 0666), 0);
	CHECK(!stat("/tmp/masked", &st) && (st.st_mode & 0777) == 0666);
	CHECK_EQ(unlink("/tmp/masked"), 0);
	CHECK_EQ(mkdir("/tmp/masked", 0777), 0);
	CHECK(!stat("/tmp/masked", &st) && (st.st_mode & 0777) == 0755);
	CHECK_EQ(rmdir("/tmp/masked"), 0);
	CHECK_EQ(umask(077), 022);
	make_file("/tmp/masked", "");
	CHECK(!stat("/tmp/masked", &st) && (st.st_mode & 0777) == 0600);
	CHECK_EQ(unlink("/tmp/masked"), 0);
	CHECK_EQ(umask(0), 077);
}

static void test_device_numbers_are_wide(void)
{
	dev_t render = makedev(226, 128);
	struct stat st;

	CHECK(major(render) == 226 && minor(render) == 128);
	CHECK(major(makedev(0x12345, 0x6789a)) == 0x12345);
	CHECK(minor(makedev(0x12345, 0x6789a)) == 0x6789a);
	if (stat("/dev/dri/card0", &st))
		return;
	CHECK(S_ISCHR(st.st_mode) && st.st_rdev == makedev(226, 0));
	CHECK_EQ(stat("/dev/dri/renderD128", &st), 0);
	CHECK_EQ(st.st_rdev, render);
}

static void test_paths_are_made_plain(void)
{
	char path[PATH_MAX];
	struct stat st;

	CHECK_EQ(mkdir("/tmp/d", 0755), 0);
	make_file("/tmp/d/f", "x");
	CHECK_EQ(stat("/tmp//d/../d/./f", &st), 0);
	CHECK_STR(realpath("/../tmp/d/./", path), "/tmp/d");
	CHECK(!realpath("/tmp/none", path) && errno == ENOENT);
	CHECK_EQ(chdir("/tmp/d"), 0);
	CHECK_STR(getcwd(path, sizeof(path)), "/tmp/d");
	CHECK_EQ(stat("f", &st), 0);
	CHECK_EQ(stat("../d/f", &st), 0);
	CHECK(!getcwd(path, 3) && errno == ERANGE);
	CHECK_EQ(chdir("/"), 0);
	CHECK_ERROR(chdir("/tmp/d/f"), ENOTDIR);
	CHECK_EQ(unlink("/tmp/d/f"), 0);
	CHECK_EQ(rmdir("/tmp/d"), 0);
	memset(path, 'a', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	CHECK_ERROR(stat(path, &st), ENAMETOOLONG);
}

static void test_symbolic_links_are_followed(void)
{
	char target[32] = "";
	struct stat st;

	make_file("/tmp/file", "abc");
	CHECK_EQ(symlink("file", "/tmp/link"), 0);
	CHECK_ERROR(symlink("file", "/tmp/link"), EEXIST);
	CHECK_EQ(readlink("/tmp/link", target, sizeof(target)), 4);
	CHECK_STR(target, "file");
	CHECK_ERROR(readlink("/tmp/file", target, sizeof(target)), EINVAL);
	CHECK_ERROR(readlink("/tmp/none", target, sizeof(target)), ENOENT);
	CHECK(!stat("/tmp/link", &st) && S_ISREG(st.st_mode) && st.st_size == 3);
	CHECK(!lstat("/tmp/link", &st) && S_ISLNK(st.st_mode));
	CHECK_EQ(symlink("loop", "/tmp/loop"), 0);
	CHECK_ERROR(open("/tmp/loop", O_RDONLY), ELOOP);
	CHECK(!unlink("/tmp/link") && !unlink("/tmp/loop") && !unlink("/tmp/file"));
}

static void test_slashes_and_dots_ask_for_directories(void)
{
	struct stat st;

	CHECK_EQ(mkdir("/tmp/d", 0755), 0);
	make_file("/tmp/d/e", "1");
	CHECK_EQ(symlink("/tmp/d", "/tmp/ld"), 0);
	CHECK_EQ(access("/tmp/ld/e", F_OK), 0);
	CHECK(!lstat("/tmp/ld/", &st) && S_ISDIR(st.st_mode));
	CHECK_ERROR(stat("/tmp/d/e/", &st), ENOTDIR);
	CHECK_ERROR(open("/tmp/d/e/", O_RDONLY), ENOTDIR);
	CHECK_ERROR(open("/dev/null/", O_RDONLY), ENOTDIR);
	CHECK_ERROR(stat("/dev/null/..", &st), ENOTDIR);
	CHECK_ERROR(open("/tmp/new/", O_WRONLY | O_CREAT, 0644), EISDIR);
	CHECK_ERROR(stat("/tmp/d/e/..", &st), ENOTDIR);
	CHECK_ERROR(stat("/tmp/none/..", &st), ENOENT);
	CHECK_ERROR(stat("/tmp/none/../d/e", &st), ENOENT);
	CHECK_ERROR(rename("/tmp/d/e", "/tmp/d/f/"), ENOTDIR);
	CHECK_EQ(mkdir("/tmp/d/f/", 0755), 0);
	CHECK_EQ(rename("/tmp/d/f/", "/tmp/d/g/"), 0);
	CHECK(!rmdir("/tmp/d/g/") && !unlink("/tmp/ld/e") && !unlink("/tmp/ld"));
	CHECK_EQ(rmdir("/tmp/d"), 0);
}

static void test_directories_change_by_rule(void)
{
	struct stat st;

	CHECK_EQ(mkdir("/tmp/d", 0755), 0);
	CHECK_ERROR(mkdir("/tmp/d", 0755), EEXIST);
	CHECK_ERROR(mkdir("/tmp/none/d", 0755), ENOENT);
	make_file("/tmp/d/f", "1");
	CHECK_ERROR(rmdir("/tmp/d"), ENOTEMPTY);
	CHECK_ERROR(unlink("/tmp/d"), EISDIR);
	CHECK_ERROR(rmdir("/tmp/d/f"), ENOTDIR);
	CHECK_EQ(rename("/tmp/d", "/tmp/e"), 0);
	CHECK_EQ(stat("/tmp/e/f", &st), 0);
	CHECK_ERROR(stat("/tmp/d/f", &st), ENOENT);
	CHECK_ERROR(rename("/tmp/e", "/tmp/e/inside"), EINVAL);
	make_file("/tmp/g", "22");
	CHECK_EQ(rename("/tmp/g", "/tmp/e/f"), 0);
	CHECK(!stat("/tmp/e/f", &st) && st.st_size == 2);
	CHECK_ERROR(rename("/tmp/none", "/tmp/x"), ENOENT);
	CHECK_EQ(remove("/tmp/e/f"), 0);
	CHECK_EQ(remove("/tmp/e"), 0);
	CHECK_ERROR(open("/tmp", O_WRONLY), EISDIR);
	CHECK_ERROR(open("/dev/null", O_RDONLY | O_DIRECTORY), ENOTDIR);
	CHECK_ERROR(mknod("/dev/null", S_IFCHR | 0600, makedev(1, 3)), EEXIST);
	CHECK_ERROR(unlink("/dev/null"), EPERM);
}

static bool lists(const char *dir, const char *name, unsigned char type)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	int found = 0;

	if (!CHECK(d))
		return false;
	while ((e = readdir(d)))
		found += !strcmp(e->d_name, name) && e->d_type == type;
	CHECK_EQ(closedir(d), 0);
	return found == 1;
}

static void test_directories_list_devices_and_files(void)
{
	struct dirent **names;
	struct stat st;
	int count;
	DIR *d;

	make_file("/tmp/b", "");
	make_file("/tmp/a", "");
	CHECK(lists("/dev", "null", DT_CHR));
	CHECK(lists("/", "dev", DT_DIR));
	CHECK(lists("/", "tmp", DT_DIR));
	CHECK(lists("/tmp", "a", DT_REG));
	CHECK(lists("/tmp", "..", DT_DIR));
	if (!stat("/dev/dri/card0", &st)) {
		CHECK(lists("/dev", "dri", DT_DIR));
		CHECK(lists("/dev/dri", "card0", DT_CHR));
	}
	CHECK(!opendir("/none") && errno == ENOENT);
	CHECK(!opendir("/tmp/a") && errno == ENOTDIR);
	d = opendir("/tmp");
	CHECK(d && readdir(d));
	rewinddir(d);
	CHECK_EQ(telldir(d), 0);
	CHECK(!fstat(dirfd(d), &st) && S_ISDIR(st.st_mode));
	closedir(d);
	count = scandir("/tmp", &names, NULL, alphasort);
	if (CHECK_EQ(count, 4)) {
		CHECK_STR(names[2]->d_name, "a");
		CHECK_STR(names[3]->d_name, "b");
	}
	while (count > 0)
		free(names[--count]);
	free(names);
	unlink("/tmp/a");
	unlink("/tmp/b");
}

// The walk of libdrm's drmGetDevice2() and drmGetRenderDeviceNameFromFd().
static void test_sys_tells_of_display_devices(void)
{
	char text[200] = "";
	struct stat st;
	int fd;

	if (stat("/dev/dri/card0", &st)) {
		test_skip("no display device");
		return;
	}
	CHECK_EQ(stat("/sys/dev/char/226:0/device/drm", &st), 0);
	CHECK(lists("/sys/dev/char/226:0/device/drm", "card0", DT_DIR));
	CHECK(lists("/sys/dev/char/226:128/device/drm", "renderD128", DT_DIR));
	CHECK(readlink("/sys/dev/char/226:0/device/subsystem", text, sizeof(text)) > 0);
	CHECK_STR(strrchr(text, '/'), "/platform");
	fd = open("/sys/dev/char/226:128/uevent", O_RDONLY);
	CHECK(fd >= 0 && read(fd, text, sizeof(text) - 1) > 0);
	CHECK(strstr(text, "DEVNAME=dri/renderD128\n"));
	close(fd);
	CHECK_ERROR(stat("/sys/dev/char/1:3/device/drm", &st), ENOENT);
}

// newlib says of most that NULL is none, so a variable hides it from the compiler.
static void test_paths_and_results_of_null_are_efault(void)
{
	char *volatile none = NULL, text[8];
	struct stat *volatile nowhere = NULL, st;

	CHECK_ERROR(stat(none, &st), EFAULT);
	CHECK_ERROR(stat("/tmp", nowhere), EFAULT);
	CHECK_ERROR(fstat(0, nowhere), EFAULT);
	CHECK_ERROR(open(none, O_RDONLY), EFAULT);
	CHECK_ERROR(open(none, O_RDWR | O_CREAT, 0644), EFAULT);
	CHECK_ERROR(access(none, F_OK), EFAULT);
	CHECK_ERROR(unlink(none), EFAULT);
	CHECK_ERROR(mkdir(none, 0755), EFAULT);
	CHECK_ERROR(chdir(none), EFAULT);
	CHECK_ERROR(rename("/tmp", none), EFAULT);
	CHECK_ERROR(symlink(none, "/tmp/link"), EFAULT);
	CHECK_ERROR(readlink(none, text, sizeof(text)), EFAULT);
	CHECK_EQ(symlink("target", "/tmp/link"), 0);
	CHECK_ERROR(readlink("/tmp/link", none, 8), EFAULT);
	CHECK_EQ(unlink("/tmp/link"), 0);
	CHECK(!opendir(none) && errno == EFAULT);
}

static void run_name_tests(void)
{
	RUN(test_stat_tells_kind_and_size);
	RUN(test_umask_takes_bits_from_new_files);
	RUN(test_device_numbers_are_wide);
	RUN(test_paths_are_made_plain);
	RUN(test_symbolic_links_are_followed);
	RUN(test_slashes_and_dots_ask_for_directories);
	RUN(test_directories_change_by_rule);
	RUN(test_directories_list_devices_and_files);
	RUN(test_sys_tells_of_display_devices);
	RUN(test_paths_and_results_of_null_are_efault);
}
