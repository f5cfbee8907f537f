// An app for the simulator only: what Linux programs do with the names of devices.
//
// Names spelled in every way and seen from everywhere, folders, streams; and the
// host's own among them. Run by tests/sim_apps.py.

#define _GNU_SOURCE // faccessat, readlinkat

#include "tests/test.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define CARD "/dev/dri/card0"
#define CHECK_ERROR(call, error) (CHECK_EQ(call, -1), CHECK_EQ(errno, error))

static bool is_card(int fd)
{
	struct stat st;
	bool is = !fstat(fd, &st) && S_ISCHR(st.st_mode) && st.st_rdev == makedev(226, 0);

	close(fd);
	return is;
}

static void test_a_name_may_be_spelled_in_any_way(void)
{
	static const char *const names[] = {
		CARD, "//dev/dri/card0", "/dev/./dri/card0", "/dev/../dev/dri/card0",
		"/dev/dri//card0", "/../dev/input/../dri/./card0", "/tmp/../dev/dri/card0",
	};
	char path[PATH_MAX], too_long[PATH_MAX + 8];
	struct stat st;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		test_note("%s", names[i]);
		CHECK(is_card(open(names[i], O_RDWR)));
		CHECK(is_card(openat(AT_FDCWD, names[i], O_RDWR)));
		CHECK_EQ(stat(names[i], &st), 0);
		CHECK_EQ(st.st_rdev, makedev(226, 0));
		CHECK_EQ(access(names[i], R_OK), 0);
		CHECK_STR(realpath(names[i], path), CARD);
		CHECK_ERROR(readlink(names[i], path, sizeof(path)), EINVAL);
	}
	test_note("none");
	CHECK(!realpath("/dev/dri/none", path) && errno == ENOENT);
	CHECK_ERROR(open("/dev/dri2", O_RDONLY), ENOENT);
	CHECK_ERROR(open("", O_RDONLY), ENOENT);
	memset(too_long, 'a', sizeof(too_long) - 1);
	too_long[sizeof(too_long) - 1] = '\0';
	memcpy(too_long, "/dev/dri/", 9);
	CHECK_ERROR(open(too_long, O_RDONLY), ENAMETOOLONG);
	CHECK(!access("/dev/null", W_OK) && realpath("/dev/../dev/null", path));
	CHECK_STR(path, "/dev/null"); // the host's
}

static void test_flags_of_open_are_heard(void)
{
	CHECK_ERROR(open(CARD, O_RDWR | O_DIRECTORY), ENOTDIR);
	CHECK_ERROR(open(CARD, O_RDWR | O_CREAT | O_EXCL, 0600), EEXIST);
	CHECK_ERROR(open("/dev/dri", O_RDWR), EISDIR);
	CHECK_ERROR(open("/dev/dri", O_RDONLY | O_CREAT, 0600), EISDIR);
}

static void test_names_are_seen_from_an_open_folder(void)
{
	int dri = open("/dev/dri", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int dev = open("/dev", O_RDONLY | O_DIRECTORY), null = open("/dev/null", O_RDWR);
	int card = open(CARD, O_RDWR);
	struct stat st, host;
	char byte;

	CHECK(!fstat(dri, &st) && S_ISDIR(st.st_mode));
	CHECK(!fstatat(dri, "", &st, AT_EMPTY_PATH) && S_ISDIR(st.st_mode));
	CHECK_ERROR(read(dri, &byte, 1), EISDIR);
	CHECK(is_card(openat(dri, "card0", O_RDWR)));
	CHECK(is_card(openat(dri, "../input/../dri/card0", O_RDWR)));
	CHECK(is_card(openat(dev, "dri/card0", O_RDWR)));
	CHECK(is_card(openat(dri, CARD, O_RDWR)));
	CHECK_EQ(fstatat(dri, "renderD128", &st, AT_SYMLINK_NOFOLLOW), 0);
	CHECK_EQ(st.st_rdev, makedev(226, 128));
	CHECK_EQ(faccessat(dri, "card0", R_OK | W_OK, 0), 0);
	CHECK_ERROR(faccessat(dev, "dri/card0", X_OK, 0), EACCES);
	CHECK_ERROR(faccessat(dri, "none", F_OK, 0), ENOENT);
	CHECK_ERROR(readlinkat(dri, "card0", &byte, 1), EINVAL);
	CHECK(!fstatat(dri, "../null", &st, 0) && !fstat(null, &host));
	CHECK_EQ(st.st_ino, host.st_ino); // out into the host's
	CHECK_ERROR(openat(card, "card0", O_RDWR), ENOTDIR);
	close(dri);
	CHECK_ERROR(openat(dri, "card0", O_RDWR), EBADF);
	close(dev);
	close(null);
	close(card);
}

static void test_names_are_seen_from_the_working_folder(void)
{
	char before[PATH_MAX], path[PATH_MAX], *got;
	int input = open("/dev/input", O_RDONLY);
	struct stat st;

	CHECK(getcwd(before, sizeof(before)) != NULL);
	CHECK_EQ(chdir("/dev"), 0);
	CHECK(is_card(open("dri/card0", O_RDWR)));
	CHECK_EQ(chdir("dri/../dri/"), 0);
	CHECK_STR(getcwd(path, sizeof(path)), "/dev/dri");
	CHECK(!getcwd(path, 5) && errno == ERANGE);
	got = getcwd(NULL, 0);
	CHECK_STR(got, "/dev/dri");
	free(got);
	CHECK(is_card(open("card0", O_RDWR)));
	CHECK_EQ(stat(".", &st), 0);
	CHECK(S_ISDIR(st.st_mode));
	CHECK_STR(realpath("../null", path), "/dev/null");
	CHECK_ERROR(chdir("card0"), ENOTDIR);
	CHECK_ERROR(chdir("none"), ENOENT);
	CHECK_EQ(fchdir(input), 0);
	CHECK_EQ(stat("event0", &st), 0);
	CHECK_EQ(chdir(".."), 0);
	CHECK_STR(getcwd(path, sizeof(path)), "/dev");
	CHECK_EQ(chdir(before), 0);
	CHECK_STR(getcwd(path, sizeof(path)), before);
	close(input);
}

int main(void)
{
	RUN(test_a_name_may_be_spelled_in_any_way);
	RUN(test_flags_of_open_are_heard);
	RUN(test_names_are_seen_from_an_open_folder);
	RUN(test_names_are_seen_from_the_working_folder);
	return test_finish();
}
