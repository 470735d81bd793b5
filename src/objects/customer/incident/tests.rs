//! When an incident moves into the archive.

use super::*;

#[test]
fn is_archived_when_nothing_is_left_to_forget() {
    let id = IntegrationId::try_from("personio:1".to_owned()).unwrap();
    let mut incident = Incident::about(Subject::Integration {
        id,
        tool: None,
        category: None,
    });
    assert!(incident.belongs_in_archive());
    incident.occurrence.contact = Some("hr@acme.example".to_owned());
    assert!(!incident.belongs_in_archive(), "it has a contact");
    incident.occurrence.forget_contact();
    incident.occurrence.log_url = Some("https://app.kombo.dev/logs".to_owned());
    assert!(
        !incident.belongs_in_archive(),
        "until the page is forgotten"
    );
}
