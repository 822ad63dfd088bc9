#include "keys_data.h"

#include "arena.h"

#include <stdlib.h>
#include <string.h>

static const char *
account_key(const void *arg, uint32_t n)
{
	return ((const struct keys *)arg)->accounts[n].id;
}

static const char *
address_key(const void *arg, uint32_t n)
{
	const struct address_list *list = arg;

	return list->keys->text.text + list->items[n].text;
}

static const char *
domain_key(const void *arg, uint32_t n)
{
	const struct keys *keys = arg;

	return keys->text.text + keys->domains[n].text;
}

static const char *
lead_domain_key(const void *arg, uint32_t n)
{
	const struct keys *keys = arg;

	return keys->text.text + keys->lead_domains[n].text;
}

static const char *
user_key(const void *arg, uint32_t n)
{
	const struct keys *keys = arg;

	return keys->text.text + keys->users[n];
}

static const char *
opportunity_key(const void *arg, uint32_t n)
{
	return ((const struct keys *)arg)->opportunities[n].id;
}

struct keys *
keys_open(void)
{
	struct keys *keys = xalloc(sizeof *keys);

	buf_putc(&keys->text, '\0');
	keys->contacts.keys = keys->leads.keys = keys;
	keys->contacts.by_text = (struct table){.key = address_key, .arg = &keys->contacts};
	keys->leads.by_text = (struct table){.key = address_key, .arg = &keys->leads};
	keys->accounts_by_id = (struct table){.key = account_key, .arg = keys};
	keys->domains_by_text = (struct table){.key = domain_key, .arg = keys};
	keys->lead_domains_by_text = (struct table){.key = lead_domain_key, .arg = keys};
	keys->users_by_text = (struct table){.key = user_key, .arg = keys};
	keys->opportunities_by_id = (struct table){.key = opportunity_key, .arg = keys};
	return keys;
}

void
keys_close(struct keys *keys)
{
	if (!keys)
		return;
	struct table *tables[] = {&keys->accounts_by_id, &keys->contacts.by_text,
	    &keys->leads.by_text, &keys->domains_by_text, &keys->lead_domains_by_text,
	    &keys->users_by_text, &keys->opportunities_by_id, NULL};
	void *arrays[] = {keys->accounts, keys->persons, keys->contacts.items, keys->leads.items,
	    keys->domains, keys->lead_domains, keys->users, keys->opportunities, keys->times,
	    keys->moments, keys->phones};

	for (struct table **table = tables; *table; table++)
		table_free(*table);
	for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
		free(arrays[i]);
	buf_free(&keys->text);
	free(keys);
}

int64_t
keys_version(const struct keys *keys)
{
	return keys->version;
}

const struct keys_person *
keys_email(const struct keys *keys, bool lead, const char *email, size_t *n, size_t *found)
{
	const struct address_list *list = lead ? &keys->leads : &keys->contacts;
	uint32_t at = table_get(&list->by_text, email);

	*n = *found = 0;
	if (at == TABLE_NONE)
		return NULL;
	*n = list->items[at].n;
	*found = list->items[at].found;
	return &keys->persons[list->items[at].first];
}

uint32_t
keys_phone_hash(const char *phone)
{
	uint64_t hash = table_hash(phone, strlen(phone));

	return (uint32_t)(hash >> 32) | 1;
}

bool
keys_has_phone(const struct keys *keys, const char *phone)
{
	uint32_t hash = keys_phone_hash(phone);
	size_t mask = keys->room_phones - 1, at = hash & mask;

	while (keys->phones[at] && keys->phones[at] != hash)
		at = (at + 1) & mask;
	return keys->phones[at] != 0;
}

const struct keys_domain *
keys_contact_domain(const struct keys *keys, const char *domain)
{
	uint32_t at = table_get(&keys->domains_by_text, domain);

	return at == TABLE_NONE || keys->domains[at].contact.of == 0 ? NULL
								     : &keys->domains[at].contact;
}

const char *
keys_lead_domain(const struct keys *keys, const char *domain, const char **company)
{
	uint32_t at = table_get(&keys->lead_domains_by_text, domain);

	if (at == TABLE_NONE)
		return NULL;
	*company =
	    keys->lead_domains[at].company ? keys_text(keys, keys->lead_domains[at].company) : NULL;
	return keys->lead_domains[at].id;
}

bool
keys_active_user(const struct keys *keys, const char *email)
{
	return table_get(&keys->users_by_text, email) != TABLE_NONE;
}

const struct keys_account *
keys_account_of(const struct keys *keys, const char *id)
{
	uint32_t at = table_get(&keys->accounts_by_id, id);

	return at == TABLE_NONE ? NULL : &keys->accounts[at];
}

const struct keys_account *
keys_account(const struct keys *keys, uint32_t account)
{
	return account ? &keys->accounts[account - 1] : NULL;
}

const char *
keys_text(const struct keys *keys, uint32_t text)
{
	return keys->text.text + text;
}

const struct keys_opportunity *
keys_opportunity(const struct keys *keys, uint32_t n)
{
	return &keys->opportunities[n];
}

const int64_t *
keys_times(const struct keys *keys, const struct keys_opportunity *opportunity)
{
	return &keys->times[opportunity->first_time];
}
