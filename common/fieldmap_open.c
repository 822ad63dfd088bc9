#include "fieldmap.h"
#include "fieldmap_problem.h"
#include "fieldmap_read.h"
#include "fieldmap_rules.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FILE 4194304 /* bytes */

/* "no JSON: byte 17: ..." as a problem at that byte. */
static void
syntax_problem(
    struct fieldmap_problems *problems, const struct fieldmap *map, const struct err *err)
{
	const char *byte = strstr(err->text, "byte ");
	char *end = NULL;
	size_t offset = byte ? strtoul(byte + strlen("byte "), &end, 10) : 1;

	if (offset < 1 || offset > map->size + 1)
		offset = 1;
	fieldmap_problem(problems, map->text + offset - 1, "no JSON: %s",
	    end && strncmp(end, ": ", 2) == 0 ? end + 2 : err->text);
}

struct fieldmap *
fieldmap_parse(const char *path, const char *text, size_t size, struct err *err)
{
	struct fieldmap *map = xalloc(sizeof *map);
	struct json root;
	struct err syntax = {0};

	map->arena = arena_open();
	map->path = xstrdup(path);
	map->text = arena_dup(map->arena, text, size);
	map->size = size;
	struct fieldmap_problems problems = {
	    .path = map->path, .text = map->text, .arena = map->arena};
	if (json_check(map->text, size, map->arena, &root, &syntax) != 0) {
		syntax_problem(&problems, map, &syntax);
	} else {
		fieldmap_read(map, root, &problems);
		fieldmap_rules(map, &problems);
	}
	if (fieldmap_problems_end(&problems, err) != 0) {
		fieldmap_close(map);
		return NULL;
	}
	return map;
}

struct fieldmap *
fieldmap_open(const char *path, struct err *err)
{
	FILE *file = fopen(path, "re");
	struct fieldmap *map = NULL;
	struct buf text = {0};
	char shown[256];

	diag_escape(shown, sizeof shown, path, strlen(path));
	if (!file) {
		err_set(err, ST_CONFIG, "%s: %s", shown, strerror(errno));
		return NULL;
	}
	buf_reserve(&text, MAX_FILE + 1);
	text.size = fread(text.text, 1, MAX_FILE + 1, file);
	if (ferror(file))
		err_set(err, ST_CONFIG, "%s: %s", shown, strerror(errno));
	else if (text.size > MAX_FILE)
		err_set(err, ST_CONFIG, "%s: more than %d bytes is no map", shown, MAX_FILE);
	else
		map = fieldmap_parse(shown, text.text, text.size, err);
	fclose(file);
	buf_free(&text);
	return map;
}

void
fieldmap_close(struct fieldmap *map)
{
	if (!map)
		return;
	arena_close(map->arena);
	free(map->path);
	free(map);
}
