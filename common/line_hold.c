#include "line_stream.h"

#include "fault.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COPY_SIZE ((size_t)64 * 1024)

int
line_hold(struct line_stream *stream, struct err *err)
{
	const char *folder = getenv("TMPDIR");
	struct buf path = {0};

	buf_printf(&path, "%s/sfpipe.XXXXXX", folder && *folder ? folder : "/tmp");
	int fd = mkstemp(path.text);
	if (fd < 0 || unlink(path.text) != 0)
		err_set(err, ST_IO, "%s: %s", path.text, strerror(errno));
	buf_free(&path);
	if (err->status) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	stream->held_for = stream->out;
	stream->out = fd;
	stream->holds = true;
	return 0;
}

static int
write_out(int fd, const char *text, size_t size, struct err *err)
{
	while (size > 0) {
		fault_point();
		ssize_t n = write(fd, text, size);
		fault_point();
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(err, ST_IO, "standard output: %s", strerror(errno));
		text += n;
		size -= (size_t)n;
	}
	return 0;
}

int
line_release(struct line_stream *stream, struct err *err)
{
	char *text = xalloc(COPY_SIZE);
	ssize_t n = 0;
	int status = 0;

	if (lseek(stream->out, 0, SEEK_SET) != 0)
		n = -1;
	while (n >= 0 && status == 0 && (n = read(stream->out, text, COPY_SIZE)) > 0)
		status = write_out(stream->held_for, text, (size_t)n, err);
	if (n < 0)
		status = err_set(err, ST_IO, "temporary file: %s", strerror(errno));
	free(text);
	return status;
}
