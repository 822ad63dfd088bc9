"""
The table of sObjects: one line a field.

    NAME  TYPE(length or precision,scale)  FLAGS  extras

Flags: C createable, U updateable, N nillable, D given a default on create, - none of them.
Extras: ref=Account|Contact what it refers to, child=Contacts the name of the way back,
cascade (deleted with its parent), lookup (idLookup), nofilter, label=First_Name.
`@address Billing` is the eight fields of an address and their compound.

A system field set names what an object has beside its own fields: `full` is IsDeleted and all
stamps, `kept` the same without IsDeleted, `history` and `field history` what their rows have.
"""

ACCOUNT = """
Name string(255) CU label=Account_Name
MasterRecordId reference N ref=Account rel=MasterRecord
Type picklist(255) CUN label=Account_Type
ParentId reference CUN ref=Account rel=Parent child=ChildAccounts
@address Billing
@address Shipping
Phone phone(40) CUN label=Account_Phone
Fax phone(40) CUN label=Account_Fax
AccountNumber string(40) CUN
Website url(255) CUN
Sic string(20) CUN label=SIC_Code
Industry picklist(255) CUN
AnnualRevenue currency(18,0) CUN
NumberOfEmployees int(8) CUN label=Employees
Ownership picklist(255) CUN
TickerSymbol string(20) CUN
Description textarea(32000) CUN label=Account_Description nofilter
Rating picklist(255) CUN label=Account_Rating
Site string(80) CUN label=Account_Site
OwnerId reference CUD ref=User rel=Owner
LastActivityDate date N label=Last_Activity
AccountSource picklist(255) CUN
"""

CONTACT = """
MasterRecordId reference N ref=Contact rel=MasterRecord
AccountId reference CUN ref=Account child=Contacts cascade
LastName string(80) CU
FirstName string(40) CUN
Salutation picklist(40) CUN
Name string(121) - label=Full_Name
@address Other
@address Mailing
Phone phone(40) CUN label=Business_Phone
Fax phone(40) CUN label=Business_Fax
MobilePhone phone(40) CUN
HomePhone phone(40) CUN
OtherPhone phone(40) CUN
AssistantPhone phone(40) CUN label=Asst._Phone
ReportsToId reference CUN ref=Contact rel=ReportsTo
Email email(80) CUN lookup
Title string(128) CUN
Department string(80) CUN
AssistantName string(40) CUN
LeadSource picklist(255) CUN
Birthdate date CUN
Description textarea(32000) CUN label=Contact_Description nofilter
OwnerId reference CUD ref=User rel=Owner
HasOptedOutOfEmail boolean CUD label=Email_Opt_Out
HasOptedOutOfFax boolean CUD label=Fax_Opt_Out
DoNotCall boolean CUD
LastActivityDate date N label=Last_Activity
EmailBouncedReason string(255) CUN
EmailBouncedDate datetime CUN
IsEmailBounced boolean -
"""

LEAD = """
MasterRecordId reference N ref=Lead rel=MasterRecord
LastName string(80) CU
FirstName string(40) CUN
Salutation picklist(40) CUN
Name string(121) - label=Full_Name
Title string(128) CUN
Company string(255) CU
@address
Phone phone(40) CUN
MobilePhone phone(40) CUN
Fax phone(40) CUN
Email email(80) CUN lookup
Website url(255) CUN
Description textarea(32000) CUN nofilter
LeadSource picklist(255) CUN
Status picklist(255) CUD
Industry picklist(255) CUN
Rating picklist(255) CUN
AnnualRevenue currency(18,0) CUN
NumberOfEmployees int(8) CUN label=Employees
OwnerId reference CUD ref=Group|User rel=Owner
HasOptedOutOfEmail boolean CUD label=Email_Opt_Out
DoNotCall boolean CUD
IsConverted boolean D label=Converted
ConvertedDate date N
ConvertedAccountId reference N ref=Account
ConvertedContactId reference N ref=Contact
ConvertedOpportunityId reference N ref=Opportunity
IsUnreadByOwner boolean CUD label=Unread_By_Owner
LastActivityDate date N label=Last_Activity
EmailBouncedReason string(255) CUN
EmailBouncedDate datetime CUN
"""

OPPORTUNITY = """
AccountId reference CUN ref=Account child=Opportunities cascade
IsPrivate boolean CUD label=Private
Name string(120) CU
Description textarea(32000) CUN nofilter
StageName picklist(255) CU label=Stage
Amount currency(18,2) CUN
Probability percent(3,0) CUN label=Probability_(%)
ExpectedRevenue currency(18,2) N
TotalOpportunityQuantity double(18,2) CUN label=Quantity
CloseDate date CU
Type picklist(255) CUN label=Opportunity_Type
NextStep string(255) CUN
LeadSource picklist(255) CUN
IsClosed boolean - label=Closed
IsWon boolean - label=Won
ForecastCategory picklist(40) -
ForecastCategoryName picklist(40) CUN label=Forecast_Category
CampaignId reference CUN ref=Campaign child=Opportunities
HasOpportunityLineItem boolean - label=Has_Line_Item
OwnerId reference CUD ref=User rel=Owner
LastActivityDate date N label=Last_Activity
PushCount int(9) N
LastStageChangeDate datetime N
FiscalQuarter int(9) N
FiscalYear int(9) N
ContactId reference CN ref=Contact
HasOpenActivity boolean - nofilter
HasOverdueTask boolean - nofilter
"""

OPPORTUNITY_CONTACT_ROLE = """
OpportunityId reference C ref=Opportunity child=OpportunityContactRoles cascade
ContactId reference CU ref=Contact child=OpportunityContactRoles
Role picklist(40) CUN
IsPrimary boolean CUD label=Primary
"""

OPPORTUNITY_HISTORY = """
OpportunityId reference - ref=Opportunity child=OpportunityHistories cascade
StageName picklist(255) N label=Stage
Amount currency(18,2) N
ExpectedRevenue currency(18,2) N
CloseDate date N
Probability percent(3,0) N
ForecastCategory picklist(40) N
PrevAmount currency(18,2) N
PrevCloseDate date N
"""

OPPORTUNITY_FIELD_HISTORY = """
OpportunityId reference - ref=Opportunity child=Histories cascade
Field picklist(255) - label=Changed_Field
DataType picklist(40) N label=Datatype
OldValue anyType N nofilter
NewValue anyType N nofilter
"""

OPPORTUNITY_STAGE = """
MasterLabel string(255) N
ApiName string(255) N
IsActive boolean -
SortOrder int(8) N
IsClosed boolean -
IsWon boolean -
ForecastCategory picklist(40) -
ForecastCategoryName picklist(40) -
DefaultProbability percent(3,0) N
Description string(255) N
"""

TASK = """
WhoId reference CUN ref=Contact|Lead rel=Who child=Tasks cascade
WhatId reference CUN ref=Account|Campaign|Opportunity rel=What child=Tasks cascade
Subject combobox(255) CUN
ActivityDate date CUN label=Due_Date_Only
Status picklist(255) CUD
Priority picklist(255) CUD
IsHighPriority boolean - label=High_Priority
OwnerId reference CUD ref=Group|User rel=Owner
Description textarea(32000) CUN nofilter
Type picklist(40) CUN
AccountId reference N ref=Account
IsClosed boolean - label=Closed
IsArchived boolean - label=Archived
CallDurationInSeconds int(8) CUN label=Call_Duration
CallType picklist(40) CUN
CallDisposition string(255) CUN label=Call_Result
CallObject string(255) CUN label=Call_Object_Identifier
ReminderDateTime datetime CUN
IsReminderSet boolean CUD label=Reminder_Set
RecurrenceActivityId reference N ref=Task
IsRecurrence boolean CD label=Create_Recurring_Series_of_Tasks
TaskSubtype picklist(40) CN
CompletedDateTime datetime N
"""

EVENT = """
WhoId reference CUN ref=Contact|Lead rel=Who child=Events cascade
WhatId reference CUN ref=Account|Campaign|Opportunity rel=What child=Events cascade
Subject combobox(255) CUN
Location string(255) CUN
IsAllDayEvent boolean CUD label=All-Day_Event
ActivityDateTime datetime CUN label=Due_Date_Time
ActivityDate date CUN label=Due_Date_Only
DurationInMinutes int(8) CUN label=Duration
StartDateTime datetime CUN label=Start_Date_Time
EndDateTime datetime CUN label=End_Date_Time
EndDate date N
Description textarea(32000) CUN nofilter
AccountId reference N ref=Account
OwnerId reference CUD ref=User rel=Owner
Type picklist(40) CUN
IsPrivate boolean CUD label=Private
ShowAs picklist(40) CUN label=Show_Time_As
IsChild boolean -
IsGroupEvent boolean -
GroupEventType picklist(40) N
IsArchived boolean - label=Archived
RecurrenceActivityId reference N ref=Event
IsRecurrence boolean CD label=Create_Recurring_Series_of_Events
EventSubtype picklist(40) CN
ReminderDateTime datetime CUN
IsReminderSet boolean CUD label=Reminder_Set
"""

CAMPAIGN = """
Name string(80) CU
ParentId reference CUN ref=Campaign rel=Parent child=ChildCampaigns
Type picklist(40) CUN
Status picklist(40) CUN
StartDate date CUN
EndDate date CUN
ExpectedRevenue currency(18,0) CUN
BudgetedCost currency(18,0) CUN
ActualCost currency(18,0) CUN
ExpectedResponse percent(10,2) CUN label=Expected_Response_(%)
NumberSent double(18,0) CUN label=Num_Sent
IsActive boolean CUD label=Active
Description textarea(32000) CUN nofilter
NumberOfLeads int(8) D label=Leads_in_Campaign
NumberOfConvertedLeads int(8) D label=Converted_Leads_in_Campaign
NumberOfContacts int(8) D label=Contacts_in_Campaign
NumberOfResponses int(8) D label=Responses_in_Campaign
NumberOfOpportunities int(8) D label=Opportunities_in_Campaign
NumberOfWonOpportunities int(8) D label=Won_Opportunities_in_Campaign
AmountAllOpportunities currency(18,0) D label=Value_Opportunities_in_Campaign
AmountWonOpportunities currency(18,0) D label=Value_Won_Opportunities_in_Campaign
OwnerId reference CUD ref=User rel=Owner
LastActivityDate date N label=Last_Activity
"""

CAMPAIGN_MEMBER = """
CampaignId reference C ref=Campaign child=CampaignMembers cascade
LeadId reference CN ref=Lead child=CampaignMembers cascade
ContactId reference CN ref=Contact child=CampaignMembers cascade
Status picklist(40) CUN
HasResponded boolean - label=Responded
FirstRespondedDate date N
Name string(255) N
FirstName string(40) N
LastName string(80) N
Email email(80) N
CompanyOrAccount string(255) N label=Company_(Account)
Type picklist(40) N
LeadOrContactId reference N ref=Contact|Lead
LeadOrContactOwnerId reference N ref=Group|User
"""

USER = """
Username string(80) CU lookup unique
LastName string(80) CU
FirstName string(40) CUN
Name string(121) - label=Full_Name
CompanyName string(80) CUN
Division string(80) CUN
Department string(80) CUN
Title string(80) CUN
Email email(128) CU lookup
Phone phone(40) CUN
MobilePhone phone(40) CUN label=Cell
Alias string(8) CU
CommunityNickname string(40) CUD label=Nickname
IsActive boolean CUD label=Active
TimeZoneSidKey picklist(40) CU label=Time_Zone
UserRoleId reference CUN ref=UserRole
LocaleSidKey picklist(40) CU label=Locale
EmailEncodingKey picklist(40) CU label=Email_Encoding
ProfileId reference CU ref=Profile
UserType picklist(40) N
LanguageLocaleKey picklist(40) CU label=Language
EmployeeNumber string(20) CUN
ManagerId reference CUN ref=User rel=Manager
FederationIdentifier string(512) CUN label=SAML_Federation_ID lookup
LastLoginDate datetime N label=Last_Login
"""

RECORD_TYPE = """
Name string(80) CU
DeveloperName string(80) CU label=Record_Type_Name
NamespacePrefix string(15) N
Description string(255) CUN
BusinessProcessId reference CUN
SobjectType picklist(40) C label=SObject_Type_Name
IsActive boolean CUD label=Active
"""

ORGANIZATION = """
Name string(80) U
Division string(80) UN
Street textarea(255) UN
City string(40) UN
State string(80) UN
PostalCode string(20) UN
Country string(80) UN
Phone phone(40) UN
PrimaryContact string(80) UN
DefaultLocaleSidKey picklist(40) U label=Locale
TimeZoneSidKey picklist(40) U label=Time_Zone
LanguageLocaleKey picklist(40) U label=Language
FiscalYearStartMonth int(9) N
NamespacePrefix string(15) N
InstanceName string(5) N
IsSandbox boolean -
OrganizationType picklist(40) N label=Edition
TrialExpirationDate datetime N
IsReadOnly boolean -
"""

GROUP = """
Name string(40) CU
DeveloperName string(80) CUN
Email email(255) CUN
Type picklist(40) C
"""

PROFILE = """
Name string(255) CU
UserType picklist(40) N
Description string(255) CUN
"""

USER_ROLE = """
Name string(80) CU
ParentRoleId reference CUN ref=UserRole rel=ParentRole
DeveloperName string(80) CUN
"""

ALL = "create update delete undelete merge replicate"
# name, key prefix, label, label of several, what may be done, system fields, fields
OBJECTS = [
    ("Account", "001", "Account", "Accounts", ALL, "full", ACCOUNT),
    ("Campaign", "701", "Campaign", "Campaigns", "create update delete undelete replicate", "full",
     CAMPAIGN),
    ("CampaignMember", "00v", "Campaign Member", "Campaign Members",
     "create update delete replicate", "full", CAMPAIGN_MEMBER),
    ("Contact", "003", "Contact", "Contacts", ALL, "full", CONTACT),
    ("Event", "00U", "Event", "Events", "create update delete undelete replicate", "full", EVENT),
    ("Group", "00G", "Group", "Groups", "create update delete replicate", "kept", GROUP),
    ("Lead", "00Q", "Lead", "Leads", ALL, "full", LEAD),
    ("Opportunity", "006", "Opportunity", "Opportunities",
     "create update delete undelete replicate", "full", OPPORTUNITY),
    ("OpportunityContactRole", "00K", "Opportunity Contact Role", "Opportunity Contact Role",
     "create update delete replicate", "full", OPPORTUNITY_CONTACT_ROLE),
    ("OpportunityFieldHistory", "017", "Opportunity Field History", "Opportunity Field History",
     "replicate", "field history", OPPORTUNITY_FIELD_HISTORY),
    ("OpportunityHistory", "008", "Opportunity History", "Opportunity History", "replicate",
     "history", OPPORTUNITY_HISTORY),
    ("OpportunityStage", "01J", "Opportunity Stage", "Opportunity Stage", "replicate", "kept",
     OPPORTUNITY_STAGE),
    ("Organization", "00D", "Organization", "Organizations", "update replicate", "kept",
     ORGANIZATION),
    ("Profile", "00e", "Profile", "Profile", "update delete replicate", "kept", PROFILE),
    ("RecordType", "012", "Record Type", "Record Types", "create update replicate", "kept",
     RECORD_TYPE),
    ("Task", "00T", "Task", "Tasks", "create update delete undelete replicate", "full", TASK),
    ("User", "005", "User", "Users", "create update replicate", "kept", USER),
    ("UserRole", "00E", "Role", "Role", "create update delete replicate", "kept", USER_ROLE),
]
HAVE_RECORD_TYPES = ("Account", "Campaign", "Contact", "Lead", "Opportunity", "Task", "Event")
