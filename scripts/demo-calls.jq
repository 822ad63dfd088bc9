# demo-calls.jq: call lines as a table for a person: what each was associated with, and why.
# $names: [{"001...":"Harbour Robotics",...}]

def name_of($id): $names[0][$id] // $id;

def pad($width): . + " " * ([$width - length, 1] | max);

# The participants' names, by what associations call them.
def people: [.participants[] | {key: (.email // .phone // .name), value: (.name // .email)}]
	| from_entries;

def reason($people):
	if .participant
	then ($people[.participant] // .participant) + ": " + .by
	else {manual: "chosen by hand", opportunity: "its opportunity was chosen",
		activity: "named by an activity in Salesforce"}[.by] // .by end
	+ (if .by | IN("contact-domain", "lead-domain", "lead-conversion")
		then " of " + name_of(.record) else "" end)
	+ (if .of then ", chosen of \(.of) accounts" else "" end);

def minute: .[:16] | sub("T"; " ");

def reasons($people):
	if .object == "Opportunity"
	then [.by + (if .activity then ", on " + (.activity | minute) else "" end)
		+ (if .window then ", window " + .window else "" end)]
	else [.matches[] | reason($people)] end;

def called($people):
	if .object | startswith("Virtual") then $people[.id[8:]] // .id[8:]
	else .name // name_of(.id) end;

def row($first; $second; $third): "   " + ($first | pad(16)) + ($second | pad(31)) + $third;

people as $people
| [.primary[]?] as $primary
| .subject,
"   \(.start | minute) UTC, of \(.organizer), "
	+ "attended by \([.participants[] | select(.attended)] | length) of \(.participants | length)",
(.associations[]
	| (called($people) + if .id | IN($primary[]) then " *" else "" end) as $called
	| reasons($people) as $reasons
	| row(.object; $called; $reasons[0]), ($reasons[1:][] | row(""; ""; .))),
(.unmatched[]? | row("-"; $people[.participant] // .participant; "no match: " + .reason)),
""
