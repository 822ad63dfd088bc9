#include "link.h"

#include <string.h>

#define COLUMNS                                                                                    \
	"SELECT n, object, salesforce_id, local_object, local_id, \"by\", ended, why, own,"        \
	" modified, told FROM link WHERE "
#define RECORD "object = ?1 AND salesforce_id = ?2"
#define LOCAL "local_object = ?1 AND local_id = ?2"
#define PAIR RECORD " AND local_object = ?3 AND local_id = ?4"
#define LIVES " AND ended IS NULL"
/* What a deletion ended goes before what moved on in the same second: it may live again. */
#define ENDED                                                                                      \
	" AND ended IS NOT NULL ORDER BY ended DESC,"                                              \
	" why IN ('" LINK_DELETED "', '" LINK_DELETED_LOCALLY "') DESC, n DESC LIMIT 1"

/* The one row of a statement whose parameters are bound. */
static int
read_link(struct store_query *query, struct arena *arena, struct link *link, struct err *err)
{
	int step = store_step(query, err);

	if (step != 1)
		return step;
	*link = (struct link){store_int(query, 0), store_text_dup(query, 1, arena),
	    store_text_dup(query, 2, arena), store_text_dup(query, 3, arena),
	    store_text_dup(query, 4, arena), store_text_dup(query, 5, arena),
	    store_text_dup(query, 6, arena), store_text_dup(query, 7, arena),
	    store_text_dup(query, 8, arena), store_text_dup(query, 9, arena),
	    store_int(query, 10) != 0};
	store_reset(query);
	return 1;
}

static int
read_by(struct store_query *query, const char *object, const char *id, struct arena *arena,
    struct link *link, struct err *err)
{
	if (!query)
		return -1;
	store_bind(query, 1, object);
	store_bind(query, 2, id);
	return read_link(query, arena, link, err);
}

int
link_of_record(struct store *store, const char *object, const char *salesforce_id, bool ended,
    struct arena *arena, struct link *link, struct err *err)
{
	struct store_query *query = ended ? store_query(store, COLUMNS RECORD ENDED, err)
					  : store_query(store, COLUMNS RECORD LIVES, err);

	return read_by(query, object, salesforce_id, arena, link, err);
}

int
link_of_local(struct store *store, const char *local_object, const char *local_id, bool ended,
    struct arena *arena, struct link *link, struct err *err)
{
	struct store_query *query = ended ? store_query(store, COLUMNS LOCAL ENDED, err)
					  : store_query(store, COLUMNS LOCAL LIVES, err);

	return read_by(query, local_object, local_id, arena, link, err);
}

static void
bind_pair(struct store_query *query, const struct link_pair *pair)
{
	store_bind(query, 1, pair->object);
	store_bind(query, 2, pair->salesforce_id);
	store_bind(query, 3, pair->local_object);
	store_bind(query, 4, pair->local_id);
}

int
link_between(struct store *store, const struct link_pair *pair, struct arena *arena,
    struct link *link, struct err *err)
{
	/* each by an index of its own; one statement for both would read all links */
	static const char *const sql[] = {COLUMNS PAIR LIVES, COLUMNS PAIR ENDED};
	int there = 0;

	for (size_t i = 0; i < 2 && there == 0; i++) {
		struct store_query *query = store_query(store, sql[i], err);
		if (!query)
			return -1;
		bind_pair(query, pair);
		there = read_link(query, arena, link, err);
	}
	return there;
}

bool
link_is_parted(const struct link *link)
{
	return link->ended && link->why && strcmp(link->why, LINK_BY_HAND) == 0;
}

static int
revive(struct store *store, int64_t n, struct err *err)
{
	struct store_query *query =
	    store_query(store, "UPDATE link SET ended = NULL, why = NULL WHERE n = ?1", err);

	if (!query)
		return -1;
	store_bind_int(query, 1, n);
	return store_run(query, err);
}

static int
insert(struct store *store, const struct link_pair *pair, const char *by, const char *at,
    const char *ended, const char *why, struct err *err)
{
	struct store_query *query = store_query(store,
	    "INSERT INTO link (object, salesforce_id, local_object, local_id, \"by\", made, ended,"
	    " why) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	    err);

	if (!query)
		return -1;
	bind_pair(query, pair);
	store_bind(query, 5, by);
	store_bind(query, 6, at);
	store_bind(query, 7, ended);
	store_bind(query, 8, why);
	return store_run(query, err);
}

int
link_make(struct store *store, const struct link_pair *pair, const char *by, const char *at,
    struct arena *arena, struct link *other, struct err *err)
{
	struct link old = {0};
	int there = link_between(store, pair, arena, &old, err);

	if (there < 0)
		return -1;
	if (there && !old.ended)
		return 0;
	int taken =
	    link_of_record(store, pair->object, pair->salesforce_id, false, arena, other, err);
	if (taken == 0)
		taken = link_of_local(
		    store, pair->local_object, pair->local_id, false, arena, other, err);
	if (taken != 0)
		return taken;
	return there ? revive(store, old.n, err) : insert(store, pair, by, at, NULL, NULL, err);
}

int
link_end(
    struct store *store, const struct link *link, const char *at, const char *why, struct err *err)
{
	struct store_query *query =
	    store_query(store, "UPDATE link SET ended = ?2, why = ?3 WHERE n = ?1", err);

	if (!query)
		return -1;
	store_bind_int(query, 1, link->n);
	store_bind(query, 2, at);
	store_bind(query, 3, why);
	return store_run(query, err);
}

static int
drop_bases(struct store *store, int64_t n, struct json fields, struct err *err)
{
	struct store_query *query = store_query(store,
	    "DELETE FROM base WHERE link = ?1 AND field NOT IN (SELECT value FROM json_each(?2))",
	    err);

	if (!query)
		return -1;
	store_bind_int(query, 1, n);
	store_bind_bytes(query, 2, fields.at, fields.size);
	return store_run(query, err);
}

/* An ended link between the new two may be there: the bases of the one that moves are newer. */
static int
drop_ended(struct store *store, const struct link_pair *pair, struct err *err)
{
	struct store_query *query = store_query(store,
	    "DELETE FROM base WHERE link IN (SELECT n FROM link WHERE " PAIR
	    " AND ended IS NOT NULL)",
	    err);

	if (!query)
		return -1;
	bind_pair(query, pair);
	return store_run(query, err);
}

int
link_move(struct store *store, const struct link *link, const char *object,
    const char *salesforce_id, struct json fields, const char *at, const char *why, struct err *err)
{
	struct link_pair from = {
	    link->object, link->salesforce_id, link->local_object, link->local_id};
	struct link_pair to = {object, salesforce_id, link->local_object, link->local_id};

	if (drop_ended(store, &to, err) != 0)
		return -1;
	struct store_query *query = store_query(store,
	    "UPDATE link SET object = ?1, salesforce_id = ?2, own = NULL, modified = NULL, told = 0"
	    " WHERE n = ?3",
	    err);
	if (!query)
		return -1;
	store_bind(query, 1, object);
	store_bind(query, 2, salesforce_id);
	store_bind_int(query, 3, link->n);
	if (store_run(query, err) != 0 || insert(store, &from, link->by, at, at, why, err) != 0)
		return -1;
	return json_kind(fields) == JSON_IS_ARRAY ? drop_bases(store, link->n, fields, err) : 0;
}

int
link_wrote(struct store *store, const struct link *link, const char *modified, struct err *err)
{
	struct store_query *query = store_query(store,
	    "UPDATE link SET modified = iif(own IS NOT NULL AND own IN ('', ifnull(?2, '')),"
	    " modified, ?2), own = '' WHERE n = ?1",
	    err);

	if (!query)
		return -1;
	store_bind_int(query, 1, link->n);
	store_bind(query, 2, modified);
	return store_run(query, err);
}

int
link_told(struct store *store, const struct link *link, struct err *err)
{
	struct store_query *query =
	    store_query(store, "UPDATE link SET told = 1 WHERE n = ?1 AND told = 0", err);

	if (!query)
		return -1;
	store_bind_int(query, 1, link->n);
	return store_run(query, err);
}

int
link_pulled(struct store *store, const char *object, const char *salesforce_id, bool only_stamps,
    const char *modified, struct err *err)
{
	struct store_query *query = store_query(store,
	    "UPDATE link SET own = iif(?3 AND own = '', ?4, NULL)"
	    " WHERE object = ?1 AND salesforce_id = ?2 AND ended IS NULL AND own IS NOT NULL",
	    err);

	if (!query)
		return -1;
	store_bind(query, 1, object);
	store_bind(query, 2, salesforce_id);
	store_bind_int(query, 3, only_stamps);
	store_bind(query, 4, modified);
	return store_run(query, err);
}

static int
put_base(struct store *store, int64_t n, const char *field, struct json base, struct err *err)
{
	struct store_query *query = store_query(store,
	    "INSERT INTO base VALUES (?1, ?2, ?3, ?4) ON CONFLICT (link, field) DO UPDATE"
	    " SET salesforce = excluded.salesforce, local = excluded.local"
	    " WHERE salesforce IS NOT excluded.salesforce OR local IS NOT excluded.local",
	    err);
	struct json salesforce = json_get(base, "salesforce"), local = json_get(base, "local");

	if (!query)
		return -1;
	store_bind_int(query, 1, n);
	store_bind(query, 2, field);
	if (salesforce.at)
		store_bind_bytes(query, 3, salesforce.at, salesforce.size);
	if (local.at)
		store_bind_bytes(query, 4, local.at, local.size);
	return store_run(query, err);
}

int
link_put_bases(
    struct store *store, int64_t n, struct json bases, struct arena *arena, struct err *err)
{
	struct json_each each = json_each(bases);
	struct json_member member;

	while (json_kind(bases) == JSON_IS_OBJECT && json_next(&each, &member))
		if (put_base(store, n, json_decode(member.name, arena, NULL), member.value, err) !=
		    0)
			return -1;
	return 0;
}

int
link_get_bases(struct store *store, int64_t n, struct json fields, struct buf *out, struct err *err)
{
	struct store_query *query = store_query(store,
	    "SELECT field, salesforce, local FROM base WHERE link = ?1"
	    " AND (?2 IS NULL OR field IN (SELECT value FROM json_each(?2)))",
	    err);
	static const char *const sides[] = {"salesforce", "local"};
	size_t size;
	int step;

	if (!query)
		return -1;
	store_bind_int(query, 1, n);
	if (fields.at)
		store_bind_bytes(query, 2, fields.at, fields.size);
	buf_putc(out, '{');
	while ((step = store_step(query, err)) == 1) {
		const char *field = store_text(query, 0, &size);
		if (out->text[out->size - 1] != '{')
			buf_putc(out, ',');
		json_put_string(out, field, size); /* a name from outside */
		buf_puts(out, ":{");
		for (int i = 0; i < 2; i++) {
			const char *text = store_text(query, i + 1, &size);
			if (!text)
				continue;
			json_put_name(out, sides[i]);
			buf_put(out, text, size);
		}
		buf_putc(out, '}');
	}
	buf_putc(out, '}');
	return step;
}

int
link_get_base(struct store *store, int64_t n, const char *field, bool local, struct arena *arena,
    struct json *value, struct err *err)
{
	struct store_query *query = store_query(store,
	    "SELECT iif(?3, local, salesforce) FROM base WHERE link = ?1 AND field = ?2", err);

	if (!query)
		return -1;
	store_bind_int(query, 1, n);
	store_bind(query, 2, field);
	store_bind_int(query, 3, local);
	int step = store_step(query, err);
	const char *text = step == 1 ? store_text_dup(query, 0, arena) : NULL;
	store_reset(query);
	if (text)
		*value = (struct json){text, strlen(text)};
	return step < 0 ? -1 : text != NULL;
}
