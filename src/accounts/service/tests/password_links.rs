use super::*;
use crate::platform::link;

#[test]
fn a_link_for_a_forgotten_password_is_over_after_an_hour() {
    let world = World::with_owner();
    let token = link::token("password", 1, &world.accounts.inner.secrets);
    let hour_ms = 60 * 60 * 1000;
    run(async {
        world.accounts.forgot_password("anna", 0).await.unwrap();
        let set = async |now_ms| {
            let password = "niebieski rower na dachu".to_owned();
            world.accounts.set_password(&token, password, now_ms).await
        };
        let late = set(hour_ms).await;
        assert!(matches!(late, Err(AccountError::PasswordLinkInvalid)));
        set(hour_ms - 1).await.unwrap();
    });
}

#[test]
fn who_was_only_invited_is_no_owner_to_rely_on() {
    let world = World::with_owner();
    let invited = NewUser {
        password: None,
        ..new_user("ewa", Role::Owner)
    };
    world.accounts.create_user(&invited).unwrap();
    run(async {
        let anna = world.log_in(None, now_ms()).await.unwrap();
        let by = world.principal(&anna.token, now_ms()).await.unwrap();
        let removed = world.accounts.remove_user(&by, 1, now_ms()).await;
        assert!(matches!(removed, Err(AccountError::LastOwner)));
    });
}
