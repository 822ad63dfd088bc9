"""Picklist values that the fields start with, and the stages, as a new org has them."""

SALUTATIONS = ["Mr.", "Ms.", "Mrs.", "Dr.", "Prof.", "Mx."]
SOURCES = ["Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other"]
RATINGS = ["Hot", "Warm", "Cold"]
INDUSTRIES = [
    "Agriculture", "Apparel", "Banking", "Biotechnology", "Chemicals", "Communications",
    "Construction", "Consulting", "Education", "Electronics", "Energy", "Engineering",
    "Entertainment", "Environmental", "Finance", "Food & Beverage", "Government", "Healthcare",
    "Hospitality", "Insurance", "Machinery", "Manufacturing", "Media", "Not For Profit", "Other",
    "Recreation", "Retail", "Shipping", "Technology", "Telecommunications", "Transportation",
    "Utilities"]
CATEGORIES = ["Omitted", "Pipeline", "Best Case", "Commit", "Closed"]

# name, probability, forecast category, closed, won
STAGES = [
    ("Prospecting", 10, "Pipeline", 0, 0),
    ("Qualification", 10, "Pipeline", 0, 0),
    ("Needs Analysis", 20, "Pipeline", 0, 0),
    ("Value Proposition", 50, "Pipeline", 0, 0),
    ("Id. Decision Makers", 60, "Pipeline", 0, 0),
    ("Perception Analysis", 70, "Pipeline", 0, 0),
    ("Proposal/Price Quote", 75, "Pipeline", 0, 0),
    ("Negotiation/Review", 90, "Pipeline", 0, 0),
    ("Closed Won", 100, "Closed", 1, 1),
    ("Closed Lost", 0, "Omitted", 1, 0),
]
STAGE_NAMES = [stage[0] for stage in STAGES]
CLOSED_TASK = ("Completed",)
CONVERTED_LEAD = "Closed - Converted"

VALUES = {
    "Account.Type": ["Prospect", "Customer - Direct", "Customer - Channel",
                     "Channel Partner / Reseller", "Installation Partner", "Technology Partner",
                     "Other"],
    "Account.Industry": INDUSTRIES,
    "Account.Rating": RATINGS,
    "Account.Ownership": ["Public", "Private", "Subsidiary", "Other"],
    "Account.AccountSource": SOURCES,
    "Contact.Salutation": SALUTATIONS,
    "Contact.LeadSource": SOURCES,
    "Lead.Salutation": SALUTATIONS,
    "Lead.LeadSource": SOURCES,
    "Lead.Status": ["Open - Not Contacted", "Working - Contacted", CONVERTED_LEAD,
                    "Closed - Not Converted"],
    "Lead.Industry": INDUSTRIES,
    "Lead.Rating": RATINGS,
    "Opportunity.StageName": STAGE_NAMES,
    "Opportunity.Type": ["Existing Customer - Upgrade", "Existing Customer - Replacement",
                         "Existing Customer - Downgrade", "New Customer"],
    "Opportunity.LeadSource": SOURCES,
    "Opportunity.ForecastCategory": ["Omitted", "Pipeline", "BestCase", "Forecast", "Closed"],
    "Opportunity.ForecastCategoryName": CATEGORIES,
    "OpportunityContactRole.Role": ["Business User", "Decision Maker", "Economic Buyer",
                                    "Economic Decision Maker", "Evaluator", "Executive Sponsor",
                                    "Influencer", "Technical Buyer", "Other"],
    "Task.Status": ["Not Started", "In Progress", "Completed", "Waiting on someone else",
                    "Deferred"],
    "Task.Priority": ["High", "Normal", "Low"],
    "Task.Subject": ["Call", "Email", "Send Letter", "Send Quote", "Other"],
    "Task.Type": ["Call", "Meeting", "Other"],
    "Task.CallType": ["Internal", "Inbound", "Outbound"],
    "Task.TaskSubtype": ["Task", "Email", "List Email", "Cadence", "Call", "LinkedIn"],
    "Event.Subject": ["Call", "Email", "Meeting", "Send Letter/Quote", "Other"],
    "Event.Type": ["Email", "Meeting", "Other"],
    "Event.ShowAs": ["Busy", "OutOfOffice", "Free"],
    "Event.GroupEventType": ["0", "1", "2", "3"],
    "Event.EventSubtype": ["Event"],
    "Campaign.Type": ["Conference", "Webinar", "Trade Show", "Public Relations", "Partners",
                      "Referral Program", "Advertisement", "Banner Ads", "Direct Mail", "Email",
                      "Telemarketing", "Other"],
    "Campaign.Status": ["Planned", "In Progress", "Completed", "Aborted"],
    "CampaignMember.Status": ["Sent", "Responded"],
    "User.UserType": ["Standard", "PowerPartner", "AutomatedProcess", "Guest"],
}

DEFAULTS = {
    "Lead.Status": "Open - Not Contacted",
    "Task.Status": "Not Started",
    "Task.Priority": "Normal",
    "Task.TaskSubtype": "Task",
    "Event.ShowAs": "Busy",
    "Event.EventSubtype": "Event",
    "Campaign.Status": "Planned",
    "CampaignMember.Status": "Sent",
}

RESTRICTED = {"Task.CallType", "Task.TaskSubtype", "Event.ShowAs", "Event.GroupEventType",
              "Event.EventSubtype", "Opportunity.ForecastCategory",
              "Opportunity.ForecastCategoryName"}
