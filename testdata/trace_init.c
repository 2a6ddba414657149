/* The only process of a kernel that records a trace of itself (tools/kernel-trace): makes interrupts, timers, softirqs,
 * tasklets and work items happen, and writes what the kernel has traced to the second serial port. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/kd.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/socket.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define TRACING "/sys/kernel/tracing/"

static void check(int result, const char *what)
{
	if (result < 0) {
		perror(what);
		reboot(RB_POWER_OFF);
	}
}

static void put(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	check(fd, file);
	check(write(fd, text, strlen(text)), file);
	close(fd);
}

static void loopback_up(void)
{
	struct ifreq request = { .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	strcpy(request.ifr_name, "lo");
	check(ioctl(fd, SIOCSIFFLAGS, &request), "lo");
	close(fd);
}

/* A connection to ourselves: softirqs of the network, timers of TCP, and its tasklet when more is sent than fits. */
static void talk(void)
{
	static char buffer[1 << 16];
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(4242) };
	int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1, fd, i;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	check(bind(listener, (void *)&address, sizeof(address)), "bind");
	check(listen(listener, 1), "listen");
	if (fork() == 0) {
		fd = socket(AF_INET, SOCK_STREAM, 0);
		check(connect(fd, (void *)&address, sizeof(address)), "connect");
		for (i = 0; i < 4; i++)
			check(write(fd, buffer, sizeof(buffer)), "write");
		_exit(0);
	}
	fd = accept(listener, NULL, NULL);
	check(fd, "accept");
	while (read(fd, buffer, sizeof(buffer)) > 0)
		;
	wait(NULL);
	close(fd);
	close(listener);
}

static void rest(long milliseconds)
{
	struct timespec time = { milliseconds / 1000, milliseconds % 1000 * 1000000 };

	nanosleep(&time, NULL);
}

static void copy(const char *from, const char *to)
{
	char buffer[4096];
	int in = open(from, O_RDONLY), out = open(to, O_WRONLY);
	ssize_t size;

	check(in, from);
	check(out, to);
	while ((size = read(in, buffer, sizeof(buffer))) > 0)
		check(write(out, buffer, size), to);
	tcdrain(out);
	close(out);
}

int main(void)
{
	int i, fd;

	check(mount("devtmpfs", "/dev", "devtmpfs", 0, NULL), "/dev");
	check(mount("sysfs", "/sys", "sysfs", 0, NULL), "/sys");
	check(mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, NULL), TRACING);
	check(mount("tmpfs", "/tmp", "tmpfs", 0, NULL), "/tmp");
	put(TRACING "events/irq/enable", "1");
	put(TRACING "events/timer/enable", "1");
	put(TRACING "events/workqueue/enable", "1");
	put(TRACING "tracing_on", "1");
	loopback_up();
	for (i = 0; i < 3; i++) {
		talk();
		rest(30);
	}
	put("/dev/ttyS1", "# testdata/trace_init.c wrote this line, for an interrupt\n");
	fd = open("/dev/tty0", O_RDWR);
	if (fd >= 0)
		ioctl(fd, KDSETLED, 1); /* by the keyboard's tasklet */
	fd = open("/tmp/file", O_RDWR | O_CREAT, 0644);
	check(fd, "/tmp/file");
	check(write(fd, "x", 1), "/tmp/file");
	close(fd);
	rest(200);
	put(TRACING "tracing_on", "0");
	copy(TRACING "trace", "/dev/ttyS1");
	sync();
	reboot(RB_POWER_OFF);
	return 0;
}
