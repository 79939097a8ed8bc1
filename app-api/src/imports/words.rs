//! What people and programs write for a status, a priority and a time. Pure.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};

use crate::tickets::{Priority, Status};

/// The status of that word, in English or French, in our words or in those of other helpdesks. In a table `open` is the queue.
pub(super) fn status(word: &str) -> Option<Status> {
    Some(match small(word).as_str() {
        "open" | "new" | "ouvert" | "nouveau" | "todo" | "to do" | "reopened" => Status::Open,
        "in_progress" | "in progress" | "hold" | "on hold" | "on-hold" | "en cours" | "assigned" | "assigne" => Status::InProgress,
        "waiting_customer" | "waiting" | "pending" | "waiting on customer" | "waiting for customer" | "en attente" => {
            Status::WaitingCustomer
        }
        "resolved" | "solved" | "resolu" | "done" => Status::Resolved,
        "closed" | "ferme" | "clos" | "cloture" | "archived" => Status::Closed,
        _ => return None,
    })
}

/// The priority of that word.
pub(super) fn priority(word: &str) -> Option<Priority> {
    Some(match small(word).as_str() {
        "low" | "basse" | "faible" | "lowest" => Priority::Low,
        "medium" | "normal" | "normale" | "moyenne" | "" => Priority::Medium,
        "high" | "haute" | "elevee" => Priority::High,
        "urgent" | "urgente" | "critical" | "critique" | "highest" => Priority::Urgent,
        _ => return None,
    })
}

fn small(word: &str) -> String {
    word.trim()
        .to_lowercase()
        .chars()
        .map(|c| {
            if matches!(c, 'é' | 'è' | 'ê') {
                'e'
            } else if c == 'ô' {
                'o'
            } else {
                c
            }
        })
        .collect()
}

/// The time in a text: RFC 3339, or a day with or without a time of day as `2026-03-02 09:00:00`, in UTC unless an offset stands
/// behind it. What could be read in two ways, as `02/03/2026`, is none.
pub(super) fn time(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.to_utc());
    }
    if let Ok(at) = DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S %z") {
        return Some(at.to_utc());
    }
    let bare = text.strip_suffix(" UTC").unwrap_or(text);
    let of_day = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"];
    let at = of_day.iter().find_map(|form| NaiveDateTime::parse_from_str(bare, form).ok());
    let day = || NaiveDate::parse_from_str(bare, "%Y-%m-%d").ok().map(|day| day.and_time(NaiveTime::MIN));
    at.or_else(day).map(|at| at.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_and_priorities_are_known_in_both_languages() {
        for (word, found) in [
            ("open", Some(Status::Open)),
            (" Résolu ", Some(Status::Resolved)),
            ("EN COURS", Some(Status::InProgress)),
            ("pending", Some(Status::WaitingCustomer)),
            ("closed", Some(Status::Closed)),
            ("asleep", None),
            ("", None),
        ] {
            assert_eq!(status(word), found, "{word}");
        }
        for status_here in Status::ALL {
            assert_eq!(status(status_here.as_str()), Some(status_here));
        }
        for (word, found) in
            [("", Some(Priority::Medium)), ("Élevée", Some(Priority::High)), ("normal", Some(Priority::Medium)), ("p1", None)]
        {
            assert_eq!(priority(word), found, "{word}");
        }
        for known in Priority::ALL {
            assert_eq!(priority(known.as_str()), Some(known));
        }
    }

    #[test]
    fn a_time_is_read_where_it_can_mean_one_thing_only() {
        for (text, read) in [
            ("2026-03-02T09:00:00Z", Some("2026-03-02T09:00:00Z")),
            ("2026-03-02T10:00:00+01:00", Some("2026-03-02T09:00:00Z")),
            ("2026-03-02 09:00:00 +0000", Some("2026-03-02T09:00:00Z")),
            ("2026-03-02 09:00", Some("2026-03-02T09:00:00Z")),
            ("2026-03-02 09:00:00 UTC", Some("2026-03-02T09:00:00Z")),
            ("2026-03-02", Some("2026-03-02T00:00:00Z")),
            ("02/03/2026", None),
            ("2026-02-30", None),
            ("yesterday", None),
            ("", None),
        ] {
            let found = time(text).map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true));
            assert_eq!(found.as_deref(), read, "{text}");
        }
    }
}
