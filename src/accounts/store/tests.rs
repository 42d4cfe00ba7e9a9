use rusqlite::Connection;

use super::*;
use crate::accounts::audit;
use crate::accounts::model::{CheckedUser, Device, NewApiKey};
use crate::params;
use crate::platform::db::{SqliteTx, Tx, migrate};

const HASH: [u8; 32] = [7; 32];

fn with_tx(test: impl FnOnce(&mut dyn Tx)) {
    let mut connection = Connection::open_in_memory().unwrap();
    connection
        .pragma_update(None, "foreign_keys", true)
        .unwrap();
    migrate(&mut connection).unwrap();
    test(&mut SqliteTx::new(&connection));
}

fn add(tx: &mut dyn Tx, name: &str, role: Role) -> i64 {
    let new = CheckedUser {
        username: name.into(),
        email: format!("{name}@example.com"),
        display_name: name.to_uppercase(),
        role,
        password_hash: "hash".into(),
    };
    insert_user(tx, &new, 1000).unwrap()
}

fn sign_in(tx: &mut dyn Tx, user_id: i64, hash: [u8; 32]) -> i64 {
    let device = Device {
        browser: "Firefox on Windows".into(),
        address_truncated: "203.0.113.0/24".into(),
    };
    insert_session(tx, user_id, &hash, &device, 1000, 5000).unwrap()
}

#[test]
fn an_account_is_found_by_username_and_by_address() {
    with_tx(|tx| {
        let id = add(tx, "anna", Role::Owner);
        for login in ["anna", "anna@example.com"] {
            let found = user_by_login(tx, login).unwrap().unwrap();
            assert_eq!((found.user.id, found.user.role), (id, Role::Owner));
            assert!(found.user.is_active && !found.user.totp_enabled);
        }
        assert!(user_by_login(tx, "ANNA").unwrap().is_none());
        assert_eq!(
            crate::accounts::display_name(tx, id).unwrap().as_deref(),
            Some("ANNA")
        );
    });
}

#[test]
fn a_taken_name_is_told_apart_from_a_taken_address() {
    with_tx(|tx| {
        add(tx, "anna", Role::Owner);
        let mut again = CheckedUser {
            username: "anna".into(),
            email: "other@example.com".into(),
            display_name: "A".into(),
            role: Role::Agent,
            password_hash: "hash".into(),
        };
        let error = insert_user(tx, &again, 0).unwrap_err();
        assert!(error.is_unique("users.username") && !error.is_unique("users.email"));
        again.username = "other".into();
        again.email = "anna@example.com".into();
        assert!(
            insert_user(tx, &again, 0)
                .unwrap_err()
                .is_unique("users.email")
        );
    });
}

#[test]
fn an_owner_who_may_not_sign_in_does_not_count_as_another_one() {
    with_tx(|tx| {
        let anna = add(tx, "anna", Role::Owner);
        let jan = add(tx, "jan", Role::Owner);
        add(tx, "ewa", Role::Agent);
        assert!(other_active_owner(tx, anna).unwrap());
        let mut user = user_by_id(tx, jan).unwrap().unwrap();
        user.is_active = false;
        update_user(tx, &user, 2000).unwrap();
        assert!(!other_active_owner(tx, anna).unwrap());
        assert!(other_active_owner(tx, jan).unwrap());
    });
}

#[test]
fn a_session_counts_until_its_end_and_only_while_its_account_is_active() {
    with_tx(|tx| {
        let id = add(tx, "anna", Role::Agent);
        let session = sign_in(tx, id, HASH);
        assert_eq!(live_session(tx, &HASH, 4999).unwrap().unwrap().id, session);
        assert!(live_session(tx, &HASH, 5000).unwrap().is_none());
        touch_session(tx, session, 3000, 9000).unwrap();
        assert_eq!(
            live_session(tx, &HASH, 8999)
                .unwrap()
                .unwrap()
                .last_seen_at_ms,
            3000
        );
        let mut user = user_by_id(tx, id).unwrap().unwrap();
        user.is_active = false;
        update_user(tx, &user, 2000).unwrap();
        assert!(live_session(tx, &HASH, 2000).unwrap().is_none());
    });
}

#[test]
fn sessions_end_one_by_one_or_all_but_one_and_only_the_own() {
    with_tx(|tx| {
        let (anna, jan) = (add(tx, "anna", Role::Owner), add(tx, "jan", Role::Agent));
        let first = sign_in(tx, anna, [1; 32]);
        let second = sign_in(tx, anna, [2; 32]);
        let foreign = sign_in(tx, jan, [3; 32]);
        assert!(!end_session(tx, anna, foreign).unwrap());
        assert_eq!(end_sessions(tx, anna, Some(second)).unwrap(), 1);
        let left = sessions_of(tx, anna, 1000).unwrap();
        assert_eq!(left.iter().map(|s| s.id).collect::<Vec<_>>(), [second]);
        assert!(!end_session(tx, anna, first).unwrap());
        assert_eq!(purge_sessions(tx, 5000).unwrap(), 2);
    });
}

#[test]
fn with_an_account_go_its_sessions_and_its_keys_stay() {
    with_tx(|tx| {
        let id = add(tx, "anna", Role::Owner);
        sign_in(tx, id, HASH);
        let new = NewApiKey {
            name: "CRM".into(),
            role: Role::Agent,
            expires_at_ms: None,
        };
        insert_key(tx, &new, &HASH, "nhk_abcd", Some(id), 1000).unwrap();
        assert!(delete_user(tx, id).unwrap());
        assert!(!delete_user(tx, id).unwrap());
        assert!(live_session(tx, &HASH, 2000).unwrap().is_none());
        assert!(live_key(tx, &HASH, 2000).unwrap().is_some());
        assert!(add(tx, "jan", Role::Owner) > id, "ids are never reused");
    });
}

#[test]
fn a_key_counts_until_it_expires_or_is_revoked() {
    with_tx(|tx| {
        let new = NewApiKey {
            name: "CRM".into(),
            role: Role::Agent,
            expires_at_ms: Some(5000),
        };
        let id = insert_key(tx, &new, &HASH, "nhk_abcd", None, 1000).unwrap();
        assert!(live_key(tx, &HASH, 4999).unwrap().is_some());
        assert!(live_key(tx, &HASH, 5000).unwrap().is_none());
        touch_key(tx, id, 2000).unwrap();
        assert!(revoke_key(tx, id, 3000).unwrap());
        assert!(!revoke_key(tx, id, 4000).unwrap());
        assert!(live_key(tx, &HASH, 3000).unwrap().is_none());
        let key = &keys(tx).unwrap()[0];
        assert_eq!(
            (key.last_used_at_ms, key.revoked_at_ms),
            (Some(2000), Some(3000))
        );
    });
}

#[test]
fn a_setup_link_works_once_replaces_the_one_before_and_dies_with_the_first_owner() {
    with_tx(|tx| {
        replace_setup_link(tx, &[1; 32], 0).unwrap();
        replace_setup_link(tx, &[2; 32], 0).unwrap();
        assert!(!setup_link_works(tx, &[1; 32]).unwrap());
        assert!(setup_link_works(tx, &[2; 32]).unwrap());
        assert!(use_setup_link(tx, &[2; 32], 1).unwrap());
        assert!(!use_setup_link(tx, &[2; 32], 2).unwrap());
        replace_setup_link(tx, &[3; 32], 3).unwrap();
        add(tx, "jan", Role::Agent);
        assert!(setup_link_works(tx, &[3; 32]).unwrap());
        add(tx, "anna", Role::Owner);
        assert!(!setup_link_works(tx, &[3; 32]).unwrap());
        assert!(!use_setup_link(tx, &[3; 32], 4).unwrap());
    });
}

#[test]
fn a_time_step_is_used_up_once_and_earlier_ones_with_it() {
    with_tx(|tx| {
        let id = add(tx, "anna", Role::Owner);
        begin_totp(tx, id, b"sealed", 1000).unwrap();
        assert!(!user_by_id(tx, id).unwrap().unwrap().totp_enabled);
        confirm_totp(tx, id, 10, 2000).unwrap();
        assert!(user_by_id(tx, id).unwrap().unwrap().totp_enabled);
        assert!(!use_totp_step(tx, id, 10).unwrap());
        assert!(use_totp_step(tx, id, 11).unwrap());
        assert!(!use_totp_step(tx, id, 9).unwrap());
        clear_totp(tx, id, 3000).unwrap();
        let found = user_secrets_by_id(tx, id).unwrap().unwrap();
        assert!(found.totp_secret.is_none() && !found.user.totp_enabled);
    });
}

#[test]
fn an_audit_row_holds_what_it_was_given() {
    with_tx(|tx| {
        let details = serde_json::json!({"messages": 3});
        audit::record(tx, "user:1", "data_deleted", Some("abc"), &details, 1000).unwrap();
        let mut row = tx
            .query_first(
                "SELECT at_ms, actor, action, session_id, details_json FROM audit_log",
                params![],
            )
            .unwrap()
            .unwrap();
        assert_eq!(row.take::<i64>(0).unwrap(), 1000);
        assert_eq!(row.take::<String>(1).unwrap(), "user:1");
        assert_eq!(row.take::<String>(2).unwrap(), "data_deleted");
        assert_eq!(
            row.take::<Option<String>>(3).unwrap().as_deref(),
            Some("abc")
        );
        assert_eq!(row.take::<String>(4).unwrap(), r#"{"messages":3}"#);
    });
}
