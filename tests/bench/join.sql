-- The same question as dictionaries.py's, for the sqlite3 command on the store: of each participant
-- the contact, lead and account. The calls and the free-mail list are imported before this.
CREATE TEMP TABLE account_of AS
SELECT email_domain, account_id FROM (
	SELECT email_domain, account_id,
		row_number() OVER (PARTITION BY email_domain ORDER BY count(*) DESC, account_id) AS place
	FROM contact
	WHERE email_domain IS NOT NULL AND account_id IS NOT NULL AND is_deleted = 0
	GROUP BY email_domain, account_id)
WHERE place = 1 AND email_domain NOT IN (SELECT domain FROM free);
CREATE UNIQUE INDEX temp.account_of_domain ON account_of (email_domain);

CREATE TEMP TABLE participant AS
SELECT json_extract(line, '$.id') AS call, p.key AS place, p.value ->> 'email' AS email
FROM calls, json_each(line, '$.participants') AS p
WHERE p.value ->> 'email' IS NOT NULL;

WITH person AS MATERIALIZED (
	SELECT call, place, email, substr(email, instr(email, '@') + 1) AS domain,
		(SELECT id FROM contact WHERE contact.email = participant.email AND is_deleted = 0
			ORDER BY last_modified_date_ms, id LIMIT 1) AS contact,
		(SELECT account_id FROM contact WHERE contact.email = participant.email AND is_deleted = 0
			ORDER BY last_modified_date_ms, id LIMIT 1) AS account,
		(SELECT id FROM lead WHERE lead.email = participant.email AND is_deleted = 0
			ORDER BY last_modified_date_ms, id LIMIT 1) AS lead,
		(SELECT converted_account_id FROM lead WHERE lead.email = participant.email AND is_deleted = 0
			ORDER BY last_modified_date_ms, id LIMIT 1) AS became
	FROM participant)
SELECT call, email, contact, lead,
	coalesce(account, became, iif(lead IS NULL, account_id, NULL)) AS account,
	iif(contact IS NULL AND lead IS NULL AND account_id IS NULL
		AND domain NOT IN (SELECT domain FROM free),
		(SELECT id FROM lead WHERE email_domain = domain AND is_deleted = 0 AND is_converted = 0
			ORDER BY created_date_ms IS NULL, created_date_ms, id LIMIT 1), NULL) AS company_of
FROM person LEFT JOIN account_of ON email_domain = domain;
