//! The names of tools, as people write them.
//!
//! Kombo identifies a tool by a slug, such as `successfactors`. This file lists only
//! the tools whose name is more than the capitalized slug. All others, including those
//! that Kombo adds later, are shown as the slug with a capital letter.

/// One slug and name per line, as listed in Kombo's guides and in the passthrough
/// operation of its API reference. It is one string because a table of pairs would
/// take twice the space in the module.
const NAMES: &str = "\
360learning 360Learning
a3innuvanomina a3innuva Nómina
abacusumantis Abacus Umantis
absenceio Absence.io
adpdecidium ADP Decidium
adpworkforcenow ADP Workforce Now
afas AFAS Software
alexishr AlexisHR
applicantstack ApplicantStack
avionte Avionté
azuread Microsoft Azure AD
bamboohr BambooHR
bite BITE
boondmanager BoondManager
breezyhr Breezy HR
bullhorn4salesforce Bullhorn for Salesforce
careerplug CareerPlug
cezannehr Cezanne HR
comeet Spark Hire Recruit
compleetpitcher Compleet
connexys Connexys By Bullhorn
cornerstoneondemand Cornerstone OnDemand
cornerstonetalentlink Cornerstone TalentLink
coveto Coveto (legacy SOAP API)
covetorest Coveto (REST API)
datev DATEV LODAS
datevhr DATEV
datevlauds DATEV LAUDS
digitalrecruiters Digital Recruiters
dvinci d.vinci
dvinciadmin d.vinci admin
employmenthero Employment Hero
entraid Microsoft Entra ID
erecruiter eRecruiter
eurecia Eurécia
googleworkspace Google Workspace
greenhousejobboard Greenhouse Job Board
greenhousev3 Greenhouse (V3)
guidecom GuideCom
haileyhr Hailey HR
heavenhr HeavenHR
hibob HiBob
hoorayhr HoorayHR
hr4you HR4YOU
hroffice HR Office
hrworks HR WORKS
icims iCIMS
inrecruiting InRecruiting by Zucchetti
iriscascade IRIS Cascade
jazzhr JazzHR
jobdiva JobDiva
join JOIN
kiwihr kiwiHR
latticetalent Lattice Talent
linkedinlearning LinkedIn Learning
logicmelon Logic Melon
oraclehcm Oracle HCM
oraclerecruiting Oracle Recruiting Cloud
otys OTYS
payfitcustomer PayFit
payfitpartner PayFit
peoplefirst MHR People First
peoplehr PeopleHR
peoplexd PeopleXD
peple Visma Peple
recruitcrm Recruit CRM
recruiterflow RecruiterFlow
remotecom Remote
rexx rexx systems
sagehr Sage HR
sagepeople Sage People
sandbox Kombo Sandbox
sapling Kallidus (Sapling)
sdworx SD Worx
smartrecruiters SmartRecruiters
successfactors SAP SuccessFactors
talentlms TalentLMS
talentsoft CEGID TalentSoft FrontOffice
talentsoftcustomer CEGID TalentSoft Customer
taleo Oracle Taleo
teamtailorjobboards Teamtailor Job Boards
traffit TRAFFIT
trinetpeo TriNet PEO
udemy Udemy Business
ukgpro UKG Pro
ukgprowfm UKG Pro WFM
ukgready UKG Ready
umantis Haufe Umantis
workforcecom workforce.com
youforce Visma Raet - Youforce
youserve Visma YouServe
zohorecruit Zoho Recruit
zvooverecruit Zvoove Recruit
";

/// The name of the tool with this slug.
pub(super) fn name(slug: &str) -> String {
    let mut known = NAMES.lines().filter_map(|line| line.split_once(' '));
    if let Some((_, name)) = known.find(|(of, _)| *of == slug) {
        return name.to_owned();
    }
    let mut letters = slug.chars();
    let first = letters
        .next()
        .map(|first| first.to_ascii_uppercase().to_string());
    format!("{}{}", first.unwrap_or_default(), letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_tools_are_written_as_people_write_them() {
        assert_eq!(name("successfactors"), "SAP SuccessFactors");
        assert_eq!(name("bamboohr"), "BambooHR");
        assert_eq!(name("360learning"), "360Learning");
        assert_eq!(name("zvooverecruit"), "Zvoove Recruit");
    }

    #[test]
    fn any_other_tool_is_its_slug_with_a_capital_letter() {
        assert_eq!(name("personio"), "Personio");
        assert_eq!(name("über-tool 2"), "über-tool 2");
        assert_eq!(name(""), "");
    }

    #[test]
    fn each_slug_appears_once_and_in_order() {
        let slugs: Vec<&str> = NAMES
            .lines()
            .map(|line| line.split_once(' ').unwrap().0)
            .collect();
        assert!(slugs.len() > 90);
        assert!(slugs.is_sorted_by(|one, next| one < next));
    }
}
