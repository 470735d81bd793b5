// Fictional customers that fill in the form with one click.

const customer = (originId, organization, contact, tool, category) => ({
  originId,
  organization,
  email: `hr@${contact}.example`,
  tool,
  category,
});

export const CUSTOMERS = [
  customer("36123", "Acme, Inc.", "acme", "personio", "HRIS"),
  customer("org_7741", "Lindqvist Logistik AB", "lindqvist", "hibob", "HRIS"),
  customer("42", "Bäckerei Sonnenschein", "sonnenschein", "greenhouse", "ATS"),
  customer("tenant-9", "Okafor & Daughters", "okafor", "bamboohr", "HRIS"),
  customer("1187", "Nordwind Energie GmbH", "nordwind", "workday", "HRIS"),
  customer("c_5530", "Llewellyn Health", "llewellyn", "moodle", "LMS"),
];
