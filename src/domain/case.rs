//! What may happen to a case, by whom, and what follows.

use serde::{Deserialize, Serialize};

use super::ids::UserId;
use super::role::Role;
use super::stage::Stage;

/// What somebody does to a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// Documents are complete (step 2); also after a return, when the missing paper is seen at the counter.
    Verify,
    /// Data entered in SIAK, submission number recorded (step 3).
    Propose,
    /// Section head agrees (step 4).
    Endorse,
    /// Head of office signed in SIAK (step 5).
    Sign,
    /// The electronic signature could not be made now (SIAK or BSrE away): the case waits, visibly.
    DeferSignature,
    /// KK printed (step 6).
    MarkPrinted,
    /// KK received at the counter and registered (step 7).
    Receive,
    /// KK given to the applicant or the proxy (step 8).
    HandOver,
    /// Sent back to the applicant with reasons.
    ReturnToApplicant,
    /// Sent back to the operator's desk: the data need correction, the applicant need not come.
    SendBackToOperator,
    /// The applicant scanned the returned documents again at the kiosk.
    Correct,
    /// Ended before it was done.
    Cancel,
}

impl Verb {
    /// Every verb.
    pub const ALL: [Self; 12] = [
        Self::Verify,
        Self::Propose,
        Self::Endorse,
        Self::Sign,
        Self::DeferSignature,
        Self::MarkPrinted,
        Self::Receive,
        Self::HandOver,
        Self::ReturnToApplicant,
        Self::SendBackToOperator,
        Self::Correct,
        Self::Cancel,
    ];
}

/// Who acts: a person with a role, or the applicant at a kiosk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// A person with a login.
    Officer {
        /// Who.
        user: UserId,
        /// In which role.
        role: Role,
    },
    /// The applicant, through a kiosk.
    Applicant,
}

/// Who did the steps that the four-eyes rule compares.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Signatories {
    /// Who proposed (step 3).
    pub proposed_by: Option<UserId>,
    /// Who endorsed (step 4).
    pub endorsed_by: Option<UserId>,
}

/// Why a verb is refused. Not an error: the screen says what to do instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TransitionRefused {
    /// The case is at a stage where this makes no sense, e.g. somebody else already did it.
    #[error("not possible at stage {0}")]
    WrongStage(Stage),
    /// This role does not do this step.
    #[error("this role may not do that")]
    WrongRole,
    /// The same person may not do both steps.
    #[error("the same person may not check their own work")]
    FourEyes,
}

/// Decides what stage follows, or why not. Role first, then stage, then the four-eyes rule.
///
/// # Errors
/// Refuses with the first reason that holds.
pub fn transition(
    stage: Stage,
    verb: Verb,
    actor: Actor,
    signatories: Signatories,
) -> Result<Stage, TransitionRefused> {
    if !may(actor, verb, stage) {
        return Err(TransitionRefused::WrongRole);
    }
    let next = next_stage(stage, verb).ok_or(TransitionRefused::WrongStage(stage))?;
    if let Actor::Officer { user, .. } = actor {
        let own_work = match verb {
            Verb::Endorse => signatories.proposed_by == Some(user),
            Verb::Sign => signatories.endorsed_by == Some(user) || signatories.proposed_by == Some(user),
            _ => false,
        };
        if own_work {
            return Err(TransitionRefused::FourEyes);
        }
    }
    Ok(next)
}

/// Tells which role does a verb at a stage.
fn may(actor: Actor, verb: Verb, stage: Stage) -> bool {
    let role = match actor {
        Actor::Applicant => return verb == Verb::Correct,
        Actor::Officer { role, .. } => role,
    };
    match verb {
        Verb::Verify | Verb::Receive | Verb::HandOver => role == Role::PetugasLoket,
        Verb::Propose | Verb::MarkPrinted => role == Role::Operator,
        Verb::Endorse => role == Role::Kabid,
        Verb::Sign | Verb::DeferSignature => role == Role::Kadis,
        // Whoever has the case on the desk may send it back, and nobody else.
        Verb::ReturnToApplicant => match stage {
            Stage::Submitted => role == Role::PetugasLoket,
            Stage::Verified => role == Role::Operator,
            Stage::Proposed => role == Role::Kabid,
            Stage::Endorsed => role == Role::Kadis,
            _ => matches!(role, Role::PetugasLoket | Role::Operator | Role::Kabid | Role::Kadis),
        },
        Verb::SendBackToOperator => match stage {
            Stage::Proposed => role == Role::Kabid,
            Stage::Endorsed => role == Role::Kadis,
            _ => matches!(role, Role::Kabid | Role::Kadis),
        },
        Verb::Cancel => role == Role::PetugasLoket,
        Verb::Correct => false,
    }
}

const fn next_stage(stage: Stage, verb: Verb) -> Option<Stage> {
    match (verb, stage) {
        (Verb::Verify, Stage::Submitted | Stage::Returned) => Some(Stage::Verified),
        (Verb::Propose, Stage::Verified) => Some(Stage::Proposed),
        (Verb::Endorse, Stage::Proposed) => Some(Stage::Endorsed),
        (Verb::Sign, Stage::Endorsed) => Some(Stage::Signed),
        (Verb::DeferSignature, Stage::Endorsed) => Some(Stage::Endorsed),
        (Verb::MarkPrinted, Stage::Signed) => Some(Stage::Printed),
        (Verb::Receive, Stage::Printed) => Some(Stage::Received),
        (Verb::HandOver, Stage::Received) => Some(Stage::HandedOver),
        (Verb::ReturnToApplicant, Stage::Submitted | Stage::Verified | Stage::Proposed | Stage::Endorsed) => {
            Some(Stage::Returned)
        }
        (Verb::SendBackToOperator, Stage::Proposed | Stage::Endorsed) => Some(Stage::Verified),
        (Verb::Correct, Stage::Returned) => Some(Stage::Submitted),
        (Verb::Cancel, Stage::Submitted | Stage::Returned) => Some(Stage::Cancelled),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn officer(number: u128, role: Role) -> Actor {
        Actor::Officer { user: UserId::new(uuid::Uuid::from_u128(number)), role }
    }

    #[test]
    fn the_straight_path_has_eight_stages() {
        let walk = [
            (Verb::Verify, Role::PetugasLoket),
            (Verb::Propose, Role::Operator),
            (Verb::Endorse, Role::Kabid),
            (Verb::Sign, Role::Kadis),
            (Verb::MarkPrinted, Role::Operator),
            (Verb::Receive, Role::PetugasLoket),
            (Verb::HandOver, Role::PetugasLoket),
        ];
        let mut stage = Stage::Submitted;
        let mut seen = vec![stage];
        for (number, (verb, role)) in walk.into_iter().enumerate() {
            stage = transition(stage, verb, officer(number as u128, role), Signatories::default())
                .expect("the SOP's own order is allowed");
            seen.push(stage);
        }
        assert_eq!(seen, Stage::PATH);
    }

    #[test]
    fn only_one_role_does_each_step() {
        for stage in Stage::ALL {
            for verb in Verb::ALL {
                let allowed: Vec<Role> = Role::ALL
                    .into_iter()
                    .filter(|role| transition(stage, verb, officer(1, *role), Signatories::default()).is_ok())
                    .collect();
                assert!(allowed.len() <= 1, "{verb:?} at {stage} is open to {allowed:?}");
                assert!(!allowed.contains(&Role::Admin), "the administrator handles no case");
            }
        }
    }

    #[test]
    fn nobody_checks_their_own_work() {
        let me = UserId::new(uuid::Uuid::from_u128(7));
        let proposed = Signatories { proposed_by: Some(me), endorsed_by: None };
        let endorsed = Signatories { proposed_by: None, endorsed_by: Some(me) };
        let as_kabid = Actor::Officer { user: me, role: Role::Kabid };
        let as_kadis = Actor::Officer { user: me, role: Role::Kadis };
        assert_eq!(transition(Stage::Proposed, Verb::Endorse, as_kabid, proposed), Err(TransitionRefused::FourEyes));
        assert_eq!(transition(Stage::Endorsed, Verb::Sign, as_kadis, endorsed), Err(TransitionRefused::FourEyes));
    }

    #[test]
    fn a_final_stage_stays() {
        for stage in Stage::ALL.into_iter().filter(|stage| stage.is_final()) {
            for verb in Verb::ALL {
                for role in Role::ALL {
                    assert!(transition(stage, verb, officer(1, role), Signatories::default()).is_err());
                }
            }
        }
    }
}
