// Says back every line typed at the console, until end of file (^D).
//
// A driver types at QEMU's serial port and looks at what comes back:
// backspace and ^U must have edited the line before the app sees it.

#include <stdio.h>
#include <string.h>

int main(void)
{
	char line[300];
	int lines = 0;

	printf("ready\n");
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		printf("line %d: [%s]\n", ++lines, line);
	}
	printf("end after %d lines\n", lines);
	return ferror(stdin) ? 1 : 0;
}
