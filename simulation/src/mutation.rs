//! Bugs that are put in on purpose, to show that the simulation sees them.

/// What is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutation {
    /// Deliveries are acknowledged before they are stored, and an object may die in between.
    AnswerBeforeCommit,
    /// No alarm is set before an alarm does anything.
    SkipTheGuard,
    /// Alerts that are to be sent are not stored, and the object dies.
    DropTheOutbox,
    /// A message counts as delivered although Slack rejected it.
    TakeEveryAnswerForYes,
    /// A message to another object counts as delivered when it left.
    DoNotWaitForAnswers,
    /// What Workers KV did not answer counts as written.
    TrustKv,
    /// Each message is posted twice.
    PostTwice,
}

impl Mutation {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::AnswerBeforeCommit,
        Self::SkipTheGuard,
        Self::DropTheOutbox,
        Self::TakeEveryAnswerForYes,
        Self::DoNotWaitForAnswers,
        Self::TrustKv,
        Self::PostTwice,
    ];
}
