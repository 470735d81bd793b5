//! The targets of a message's links: Kombo's log, the e-mail to the contact, the
//! connection guide, and the customer's page.

use kombo_edge::contracts::slack::Content;
use kombo_edge::domain::alert::AlertKind;
use kombo_edge::domain::audience::Audience;

use crate::kinds::{acme, alert, could_not_connect, given_up, personio, sample, team, who};
use crate::{rendered, rendered_plainly, shown};

fn failed() -> AlertKind {
    could_not_connect(personio(), 1, vec![])
}

/// The list items that consist of a link only.
fn links(text: &str) -> Vec<&str> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("• <"));
    let alone = lines.filter_map(|line| line.strip_suffix('>'));
    alone.filter(|link| !link.contains('>')).collect()
}

#[test]
fn a_failure_links_to_the_log_an_e_mail_the_guide_and_the_customer() {
    let text = shown(&rendered_plainly(Content::One(team(failed()).stored())));
    let log = "https://app.kombo.dev/env/production/logs?flowId=Yc3RkTz7PvNq|Open Kombo's log of the attempt";
    let mail = "mailto:hr@acme.example?subject=Connecting%20Personio&body=Hello%2C%0D%0A%0D%0AWe%20noticed%20that%20connecting%20Personio%20did%20not%20work.%20Can%20we%20help%3F%0D%0Ahttps%3A%2F%2Fhelp.example.com%2Fpersonio%0D%0A|Write to the contact";
    let guide = "https://help.example.com/personio|Send the connection guide";
    let customer = "https://office.example.com/customers/36123|Open the customer's page";
    assert_eq!(links(&text), [log, mail, guide, customer]);
}

#[test]
fn the_companys_own_templates_are_filled_with_what_is_known() {
    let message = rendered(Content::One(team(failed()).stored()), Audience::Team);
    let text = shown(&message);
    let links = links(&text);
    let mail = "mailto:hr@acme.example?subject=Acme%2C%20Inc.%20and%20Personio&body=Hello%20Acme%2C%20Inc.%2C%0D%0APersonio%20%28HRIS%29%20for%2036123%3A%20https%3A%2F%2Fhelp.example.com%2Fpersonio%3Fc%3DHRIS|Write to the contact";
    let guide = "https://help.example.com/personio?c=HRIS|Send the connection guide";
    assert_eq!(links[1], mail);
    assert_eq!(links[2], guide);
}

#[test]
fn links_are_no_mrkdwn_so_that_an_ampersand_survives_on_ios() {
    let message = rendered_plainly(Content::One(team(failed()).stored()));
    let blocks = message["blocks"].as_array().unwrap();
    let list = &blocks.iter().find(|block| block["type"] == "rich_text");
    let items = &list.unwrap()["elements"][0]["elements"];
    let mail = items[1]["elements"][0]["url"].as_str().unwrap();
    assert!(
        mail.contains("?subject=") && mail.contains("&body="),
        "{mail}"
    );
    let texts = blocks
        .iter()
        .filter(|block| block["text"]["type"] == "mrkdwn");
    for text in texts {
        let text = text["text"]["text"].as_str().unwrap();
        assert!(
            !text.contains("https:") && !text.contains("mailto:"),
            "{text}"
        );
    }
}

#[test]
fn expired_credentials_link_to_an_e_mail_that_asks_to_reconnect() {
    let text = shown(&rendered_plainly(sample("stopped-working")));
    let links = links(&text);
    let mail = "mailto:hr@acme.example?subject=Please%20reconnect%20HiBob&body=Hello%2C%0D%0A%0D%0AWe%20can%20no%20longer%20access%20your%20HiBob%3A%20its%20credentials%20have%20changed%20or%20expired.%20Please%20reconnect%20it.%20We%20will%20send%20you%20a%20link%20for%20that%3B%20it%20takes%20a%20few%20minutes.%0D%0A|Write to the contact";
    let dashboard = "https://app.kombo.dev/integrations|Open the integration in Kombo";
    let customer = "https://office.example.com/customers/36123|Open the customer's page";
    assert_eq!(links, [dashboard, mail, customer]);
    let step = "\n• Create a reconnection link there, under “Relink integration”, and send it to the contact\n";
    assert!(text.contains(step), "{text}");
}

#[test]
fn the_companys_own_templates_serve_to_ask_to_reconnect_too() {
    let text = shown(&rendered(sample("stopped-working"), Audience::Team));
    let mail = "mailto:hr@acme.example?subject=Acme%2C%20Inc.%20and%20HiBob&body=Hello%20Acme%2C%20Inc.%2C%0D%0AHiBob%20%28HRIS%29%20for%2036123%3A%20https%3A%2F%2Fhelp.example.com%2Fhibob%3Fc%3DHRIS|Write to the contact";
    assert_eq!(links(&text)[1], mail);
}

#[test]
fn who_has_not_tried_again_comes_with_the_contact_and_the_next_step() {
    let text = shown(&rendered_plainly(Content::One(given_up().stored())));
    for part in [
        "Acme, Inc. (36123, hr@acme.example): Personio (HRIS), 2 failed attempts",
        " · <mailto:hr@acme.example?subject=Connecting%20Personio&body=",
        "Ask the contacts whether they still want to connect",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn a_customer_id_is_encoded_in_the_url_and_without_one_there_is_no_link() {
    let odd = who("a/b?c=ü", "Odd AG", "hr@odd.example");
    let text = shown(&rendered_plainly(Content::One(
        alert(odd, Audience::Team, failed()).stored(),
    )));
    let customer =
        "https://office.example.com/customers/a%2Fb%3Fc%3D%C3%BC|Open the customer's page";
    assert_eq!(links(&text).last(), Some(&customer));
    let mut without_id = acme();
    without_id.origin_id = None;
    let without_id = alert(without_id, Audience::Team, failed()).stored();
    let text = shown(&rendered_plainly(Content::One(without_id)));
    assert!(!text.contains("Open the customer's page"), "{text}");
}
