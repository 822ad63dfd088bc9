/*
 * keys_data: how keys.h's keys lie in memory, for keys.c and keys_load.c alone.
 */
#ifndef SFPIPE_KEYS_DATA_H
#define SFPIPE_KEYS_DATA_H

#include "buf.h"
#include "keys.h"
#include "table.h"

/* An address, and who has it: n persons from first on. */
struct address {
	uint32_t text, first, n, found;
};

struct address_list {
	struct address *items;
	size_t n, room;
	struct table by_text;
	const struct keys *keys;
};

struct domain {
	uint32_t text;
	struct keys_domain contact;
};

struct lead_domain {
	uint32_t text, company;
	char id[19];
};

/* A time of an opportunity, before they are put in order. */
struct moment {
	uint32_t opportunity;
	int64_t at;
};

struct keys {
	int64_t version;
	struct buf text; /* all texts, each with its NUL; the first is "" */
	struct keys_account *accounts;
	size_t n_accounts, room_accounts;
	struct table accounts_by_id;
	struct keys_person *persons;
	size_t n_persons, room_persons;
	struct address_list contacts, leads;
	struct domain *domains;
	size_t n_domains, room_domains;
	struct table domains_by_text;
	struct lead_domain *lead_domains;
	size_t n_lead_domains, room_lead_domains;
	struct table lead_domains_by_text;
	uint32_t *users;
	size_t n_users, room_users;
	struct table users_by_text;
	struct keys_opportunity *opportunities;
	size_t n_opportunities, room_opportunities;
	struct table opportunities_by_id;
	int64_t *times;
	struct moment *moments; /* while loading */
	size_t n_moments, room_moments;
	uint32_t *phones; /* hashes, open addressing */
	size_t room_phones;
};

/* What of a phone number is kept. */
uint32_t keys_phone_hash(const char *phone);

/* Empty keys; what keys_load() fills. */
struct keys *keys_open(void);

#endif
