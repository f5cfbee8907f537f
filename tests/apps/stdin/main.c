// Says back every line typed at the console, until end of file (^D); with the word
// "keys" every key, until a q.
//
// A driver types at QEMU's serial port and looks at what comes back:
// backspace and ^U must have edited the line before the app sees it.

#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

// As a game reads: a key counts as soon as it is down, and none is shown.
static int say_keys(void)
{
	struct termios usual, raw;
	unsigned char key = 0;

	if (tcgetattr(STDIN_FILENO, &usual))
		return 1;
	raw = usual;
	cfmakeraw(&raw);
	if (tcsetattr(STDIN_FILENO, TCSANOW, &raw))
		return 1;
	printf("ready\n");
	while (key != 'q' && read(STDIN_FILENO, &key, 1) == 1)
		printf("key %d\n", key);
	return tcsetattr(STDIN_FILENO, TCSAFLUSH, &usual) ? 1 : 0;
}

int main(int argc, char **argv)
{
	char line[300];
	int lines = 0;

	if (argc > 1 && !strcmp(argv[1], "keys"))
		return say_keys();
	printf("ready\n");
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		printf("line %d: [%s]\n", ++lines, line);
	}
	printf("end after %d lines\n", lines);
	return ferror(stdin) ? 1 : 0;
}
