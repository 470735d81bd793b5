//! The default texts of e-mails to a contact, in each language. What replaces their placeholders is in
//! `mail`.

use crate::domain::language::Language;

/// Why someone writes to a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// An attempt to connect failed.
    Failed,
    /// The credentials no longer work.
    Expired,
    /// There is a new link to connect.
    NewLink,
    /// There is a link to reconnect.
    ReconnectionLink,
}

/// The subject and the body.
pub(super) fn letter(occasion: Occasion, language: Language) -> (&'static str, &'static str) {
    match language {
        Language::English => english(occasion),
        Language::German => german(occasion),
        Language::French => french(occasion),
        Language::Italian => italian(occasion),
        Language::Spanish => spanish(occasion),
    }
}

fn english(occasion: Occasion) -> (&'static str, &'static str) {
    match occasion {
        Occasion::Failed => (
            "Connecting {tool}",
            "Hello,\n\nWe noticed that connecting {tool} did not work. Can we help?\n{guide}\n",
        ),
        Occasion::Expired => (
            "Please reconnect {tool}",
            "Hello,\n\nWe can no longer access your {tool}: its credentials have changed or expired. Please reconnect it. We will send you a link for that; it takes a few minutes.\n",
        ),
        Occasion::NewLink => (
            "Connecting {tool}",
            "Hello,\n\nWe noticed that connecting {tool} did not work. You can try again with this link:\n{link}\n\n{guide}\n",
        ),
        Occasion::ReconnectionLink => (
            "Please reconnect {tool}",
            "Hello,\n\nWe can no longer access your {tool}: its credentials have changed or expired. Please reconnect it with this link; it takes a few minutes:\n{link}\n",
        ),
    }
}

fn german(occasion: Occasion) -> (&'static str, &'static str) {
    match occasion {
        Occasion::Failed => (
            "Verbindung mit {tool}",
            "Guten Tag,\n\nuns ist aufgefallen, dass die Verbindung mit {tool} nicht geklappt hat. Können wir helfen?\n{guide}\n",
        ),
        Occasion::Expired => (
            "Bitte verbinden Sie {tool} erneut",
            "Guten Tag,\n\nwir haben keinen Zugriff mehr auf Ihr {tool}: Die Zugangsdaten wurden geändert oder sind abgelaufen. Bitte verbinden Sie es erneut. Wir schicken Ihnen dafür einen Link; es dauert nur wenige Minuten.\n",
        ),
        Occasion::NewLink => (
            "Verbindung mit {tool}",
            "Guten Tag,\n\nuns ist aufgefallen, dass die Verbindung mit {tool} nicht geklappt hat. Mit diesem Link können Sie es noch einmal versuchen:\n{link}\n\n{guide}\n",
        ),
        Occasion::ReconnectionLink => (
            "Bitte verbinden Sie {tool} erneut",
            "Guten Tag,\n\nwir haben keinen Zugriff mehr auf Ihr {tool}: Die Zugangsdaten wurden geändert oder sind abgelaufen. Bitte verbinden Sie es mit diesem Link erneut; es dauert nur wenige Minuten:\n{link}\n",
        ),
    }
}

fn french(occasion: Occasion) -> (&'static str, &'static str) {
    match occasion {
        Occasion::Failed => (
            "Connexion de {tool}",
            "Bonjour,\n\nNous avons remarqué que la connexion de {tool} n’a pas fonctionné. Pouvons-nous vous aider ?\n{guide}\n",
        ),
        Occasion::Expired => (
            "Merci de reconnecter {tool}",
            "Bonjour,\n\nNous n’avons plus accès à votre {tool} : ses identifiants ont changé ou expiré. Merci de le reconnecter. Nous vous enverrons un lien pour cela ; cela prend quelques minutes.\n",
        ),
        Occasion::NewLink => (
            "Connexion de {tool}",
            "Bonjour,\n\nNous avons remarqué que la connexion de {tool} n’a pas fonctionné. Vous pouvez réessayer avec ce lien :\n{link}\n\n{guide}\n",
        ),
        Occasion::ReconnectionLink => (
            "Merci de reconnecter {tool}",
            "Bonjour,\n\nNous n’avons plus accès à votre {tool} : ses identifiants ont changé ou expiré. Merci de le reconnecter avec ce lien ; cela prend quelques minutes :\n{link}\n",
        ),
    }
}

fn italian(occasion: Occasion) -> (&'static str, &'static str) {
    match occasion {
        Occasion::Failed => (
            "Connessione di {tool}",
            "Buongiorno,\n\nabbiamo notato che la connessione di {tool} non è riuscita. Possiamo aiutare?\n{guide}\n",
        ),
        Occasion::Expired => (
            "Riconnettere {tool}",
            "Buongiorno,\n\nnon abbiamo più accesso al vostro {tool}: le credenziali sono cambiate o scadute. Vi preghiamo di riconnetterlo. Vi invieremo un link; bastano pochi minuti.\n",
        ),
        Occasion::NewLink => (
            "Connessione di {tool}",
            "Buongiorno,\n\nabbiamo notato che la connessione di {tool} non è riuscita. Potete riprovare con questo link:\n{link}\n\n{guide}\n",
        ),
        Occasion::ReconnectionLink => (
            "Riconnettere {tool}",
            "Buongiorno,\n\nnon abbiamo più accesso al vostro {tool}: le credenziali sono cambiate o scadute. Vi preghiamo di riconnetterlo con questo link; bastano pochi minuti:\n{link}\n",
        ),
    }
}

fn spanish(occasion: Occasion) -> (&'static str, &'static str) {
    match occasion {
        Occasion::Failed => (
            "Conexión de {tool}",
            "Hola:\n\nHemos visto que la conexión de {tool} no ha funcionado. ¿Podemos ayudar?\n{guide}\n",
        ),
        Occasion::Expired => (
            "Vuelva a conectar {tool}",
            "Hola:\n\nYa no tenemos acceso a su {tool}: las credenciales han cambiado o han caducado. Por favor, vuelva a conectarlo. Le enviaremos un enlace; solo lleva unos minutos.\n",
        ),
        Occasion::NewLink => (
            "Conexión de {tool}",
            "Hola:\n\nHemos visto que la conexión de {tool} no ha funcionado. Puede intentarlo de nuevo con este enlace:\n{link}\n\n{guide}\n",
        ),
        Occasion::ReconnectionLink => (
            "Vuelva a conectar {tool}",
            "Hola:\n\nYa no tenemos acceso a su {tool}: las credenciales han cambiado o han caducado. Por favor, vuelva a conectarlo con este enlace; solo lleva unos minutos:\n{link}\n",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contracts::operator::settings::{Placeholder, Template};

    #[test]
    fn every_text_is_a_template_and_has_the_link_exactly_if_there_is_one() {
        for language in Language::ALL {
            for (occasion, has_link) in [
                (Occasion::Failed, false),
                (Occasion::Expired, false),
                (Occasion::NewLink, true),
                (Occasion::ReconnectionLink, true),
            ] {
                let (subject, body) = letter(occasion, language);
                assert!(Template::parse(subject).is_some(), "{subject}");
                let body = Template::parse(body).unwrap();
                let named = format!("{language:?} {occasion:?}");
                assert_eq!(body.has(Placeholder::Link), has_link, "{named}");
            }
        }
    }
}
