// An app for the simulator only: what Linux programs do with the names of devices.
//
// Names spelled in every way and seen from everywhere, folders, streams; and the
// host's own among them. Run by tests/sim_apps.py.

#define _GNU_SOURCE // faccessat, readlinkat

#include "tests/test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <linux/input.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "library.h"

#pragma GCC diagnostic ignored "-Wdeprecated-declarations" // readdir_r

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

// ---- folders

// How often `name` is in what is left of `dir`, as that type.
static unsigned times_listed(DIR *dir, const char *name, unsigned char type)
{
	unsigned times = 0;
	struct dirent *e;

	while ((e = readdir(dir)))
		times += !strcmp(e->d_name, name) && e->d_type == type;
	return times;
}

static void test_folders_list_the_nodes(void)
{
	static const struct {
		const char *folder, *name;
		unsigned char type;
	} rows[] = {
		{ "/dev/dri", "card0", DT_CHR }, { "/dev/dri", "renderD128", DT_CHR },
		{ "/dev/dri", ".", DT_DIR }, { "/dev/dri", "..", DT_DIR },
		{ "/dev/dri/.", "card0", DT_CHR }, { "/dev/input/", "event2", DT_CHR },
		{ "/dev", "dri", DT_DIR }, { "/dev/", "input", DT_DIR }, { "/dev", "null", DT_CHR },
		{ "/dev/dri/..", "dri", DT_DIR }, { "/", "dev", DT_DIR },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		DIR *dir = opendir(rows[i].folder);

		test_note("%s in %s", rows[i].name, rows[i].folder);
		if (!CHECK(dir))
			continue;
		CHECK_EQ(times_listed(dir, rows[i].name, rows[i].type), 1);
		CHECK_EQ(closedir(dir), 0);
	}
	CHECK(!opendir("/dev/dri/none") && errno == ENOENT);
	CHECK(!opendir(CARD) && errno == ENOTDIR);
}

static void test_a_listing_can_be_gone_through_again(void)
{
	static const char *const folders[] = { "/dev/input", "/dev", "/" };
	char name[NAME_MAX + 1];

	for (unsigned i = 0; i < 3; i++) {
		DIR *dir = opendir(folders[i]);
		struct dirent *e, room;
		struct stat st;
		long second;

		test_note("%s", folders[i]);
		CHECK(readdir(dir) != NULL);
		second = telldir(dir);
		e = readdir(dir);
		strcpy(name, e->d_name);
		CHECK(times_listed(dir, name, e->d_type) == 0);
		seekdir(dir, second);
		CHECK_STR(readdir(dir)->d_name, name);
		seekdir(dir, second);
		CHECK(!readdir_r(dir, &room, &e) && e == &room);
		CHECK_STR(room.d_name, name);
		rewinddir(dir);
		CHECK_EQ(times_listed(dir, "..", DT_DIR), 1);
		CHECK(!fstat(dirfd(dir), &st) && S_ISDIR(st.st_mode));
		CHECK_EQ(closedir(dir), 0);
	}
}

static void test_an_open_folder_is_listed(void)
{
	int fd = open("/dev/dri", O_RDONLY), card = open(CARD, O_RDWR);
	DIR *dir = fdopendir(fd);

	CHECK_EQ(dirfd(dir), fd);
	CHECK_EQ(times_listed(dir, "card0", DT_CHR), 1);
	CHECK(is_card(openat(dirfd(dir), "card0", O_RDWR)));
	CHECK_EQ(closedir(dir), 0);
	CHECK_ERROR(fcntl(fd, F_GETFD), EBADF);
	CHECK(!fdopendir(card) && errno == ENOTDIR);
	CHECK(is_card(card));
	dir = fdopendir(open("/dev", O_RDONLY | O_DIRECTORY));
	CHECK_EQ(times_listed(dir, "dri", DT_DIR), 1);
	CHECK_EQ(closedir(dir), 0);
}

static int is_event(const struct dirent *e)
{
	return !strncmp(e->d_name, "event", 5);
}

static void check_three_events(int count, struct dirent **names)
{
	if (CHECK_EQ(count, 3)) {
		CHECK_STR(names[0]->d_name, "event0");
		CHECK_STR(names[2]->d_name, "event2");
	}
	while (count > 0)
		free(names[--count]);
	free(names);
}

static void test_folders_are_searched_in_one_call(void)
{
	int dev = open("/dev", O_RDONLY | O_DIRECTORY);
	struct dirent **names = NULL;
	glob_t g;
	int count;

	count = scandir("/dev/input", &names, is_event, alphasort);
	check_three_events(count, names);
	count = scandirat(dev, "input", &names, is_event, alphasort);
	check_three_events(count, names);
	CHECK_ERROR(scandir("/dev/input/none", &names, NULL, alphasort), ENOENT);
	count = scandir("/", &names, NULL, alphasort); // the host's
	CHECK(count > 2 && !strcmp(names[0]->d_name, "."));
	while (count > 0)
		free(names[--count]);
	free(names);
	CHECK_EQ(glob("/dev/inp*/event[0-9]", 0, NULL, &g), 0);
	if (CHECK_EQ(g.gl_pathc, 3))
		CHECK_STR(g.gl_pathv[1], "/dev/input/event1");
	globfree(&g);
	CHECK_EQ(glob("/dev/nul*", 0, NULL, &g), 0);
	CHECK_STR(g.gl_pathv[0], "/dev/null");
	globfree(&g);
	close(dev);
}

// As libdrm reads it.
static void test_sys_tells_of_cards(void)
{
	DIR *drm = opendir("/sys/dev/char/226:0/device/drm");
	FILE *stream = fopen("/sys/dev/char/226:128/uevent", "r");
	char text[200] = "";
	struct stat st;

	CHECK(!stat("/sys/dev/char/226:0/device/drm", &st) && S_ISDIR(st.st_mode));
	CHECK_EQ(times_listed(drm, "renderD128", DT_DIR), 1);
	closedir(drm);
	CHECK_EQ(readlink("/sys/dev/char/226:0/device/subsystem", text, 5), 5);
	CHECK(readlink("/sys/dev/char/226:0/device/subsystem", text, sizeof(text)) > 0);
	CHECK_STR(strrchr(text, '/'), "/platform");
	CHECK(stream && fread(text, 1, sizeof(text) - 1, stream) > 0);
	CHECK(strstr(text, "DEVNAME=dri/renderD128\n"));
	fclose(stream);
	CHECK(!stat("/sys/dev/char/226:0/uevent", &st) && S_ISREG(st.st_mode));
	CHECK_ERROR(open("/sys/dev/char/226:0/uevent", O_WRONLY), EACCES);
	CHECK_ERROR(open("/sys/dev/char/226:0/device/none", O_RDONLY), ENOENT);
	CHECK_ERROR(readlink("/sys/dev/char/226:0/uevent", text, sizeof(text)), EINVAL);
	CHECK_ERROR(stat("/sys/dev/char/226:1/device/drm", &st), ENOENT);
	CHECK_ERROR(stat("/sys/dev/char/1:3/device/drm", &st), ENOENT); // the host's
}

// ---- streams

static void check_events_flow(FILE *stream)
{
	struct input_event led[2] = {
		{ .type = EV_LED, .code = LED_CAPSL, .value = 1 },
		{ .type = EV_LED, .code = LED_CAPSL, .value = 0 },
	}, got[2] = { { .type = 0 } };
	char name[64] = "";

	if (!CHECK(stream))
		return;
	CHECK(ioctl(fileno(stream), EVIOCGNAME(sizeof(name)), name) > 0);
	CHECK_STR(name, "Rivulet Keyboard");
	CHECK_EQ(fwrite(led, sizeof(*led), 2, stream), 2);
	CHECK_EQ(fflush(stream), 0);
	// Each change is told with an EV_SYN behind it.
	CHECK_EQ(fread(got, sizeof(*got), 2, stream), 2);
	CHECK(got[0].type == EV_LED && got[0].value == 1 && got[1].type == EV_SYN);
	CHECK_EQ(fclose(stream), 0);
}

static void test_a_stream_is_the_device(void)
{
	int fd = open("/dev/input/event0", O_RDWR);
	FILE *stream;

	check_events_flow(fopen("/dev/input/./event0", "r+e"));
	check_events_flow(fdopen(fd, "r+"));
	CHECK_ERROR(fcntl(fd, F_GETFD), EBADF);
	CHECK(!fopen("/dev/input/event9", "r") && errno == ENOENT);
	CHECK(!fopen(CARD, "wx") && errno == EEXIST);
	CHECK(!fopen(CARD, "q") && errno == EINVAL);
	CHECK(!fopen("/dev/dri", "r+") && errno == EISDIR);
	stream = fopen(CARD, "re");
	CHECK(is_card(dup(fileno(stream))));
	CHECK_EQ(fseek(stream, 0, SEEK_SET), 0); // which moves nothing
	CHECK_EQ(fclose(stream), 0);
	stream = fopen("/dev/zero", "r"); // the host's
	CHECK_EQ(getc(stream), 0);
	CHECK_EQ(fclose(stream), 0);
}

static void test_calls_of_libraries_arrive_too(void)
{
	CHECK_STR(library_opens(O_RDWR), NULL);
	CHECK_STR(library_lists(), NULL);
	CHECK_STR(library_reads(1), NULL);
}

int main(void)
{
	RUN(test_a_name_may_be_spelled_in_any_way);
	RUN(test_flags_of_open_are_heard);
	RUN(test_names_are_seen_from_an_open_folder);
	RUN(test_names_are_seen_from_the_working_folder);
	RUN(test_folders_list_the_nodes);
	RUN(test_a_listing_can_be_gone_through_again);
	RUN(test_an_open_folder_is_listed);
	RUN(test_folders_are_searched_in_one_call);
	RUN(test_sys_tells_of_cards);
	RUN(test_a_stream_is_the_device);
	RUN(test_calls_of_libraries_arrive_too);
	return test_finish();
}
