#include "composite.h"

#include "json.h"
#include "soql.h"

void
composite_begin(struct buf *composite)
{
	buf_clear(composite);
	buf_puts(
	    composite, "{\"allOrNone\":false,\"collateSubrequests\":false,\"compositeRequest\":[");
}

void
composite_add(struct salesforce *sf, struct buf *composite, const char *method,
    const char *reference, const char *url, const char *headers, const struct buf *body)
{
	struct buf path = {0};

	salesforce_put_path(sf, &path, url);
	if (composite->text[composite->size - 1] != '[')
		buf_putc(composite, ',');
	buf_putc(composite, '{');
	json_put_member(composite, "method", method);
	json_put_member(composite, "referenceId", reference);
	json_put_member(composite, "url", path.text);
	if (headers)
		buf_printf(composite, ",\"httpHeaders\":%s", headers);
	if (body) {
		buf_puts(composite, ",\"body\":");
		buf_put(composite, body->text, body->size);
	}
	buf_putc(composite, '}');
	buf_free(&path);
}

void
composite_end(struct buf *composite)
{
	buf_puts(composite, "]}");
}

void
composite_put_query(struct buf *url, bool all, const struct buf *soql)
{
	buf_puts(url, all ? "queryAll?q=" : "query?q=");
	soql_put_encoded(url, soql->text, soql->size);
}
