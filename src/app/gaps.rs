//! Knowledge gaps: recording them, and telling a team what to write next.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::gap::{self, Gap, Group, Kind};
use crate::id::{GuildId, MessageId};
use crate::render::answer::Answered;
use crate::render::reply::Request;
use crate::store::{StoreError, Verdict};
use crate::telemetry::metrics::{GAPS, VOTES};

use super::App;
use super::ask::Asker;

/// Gaps of a server in a span of time.
#[derive(Clone, Debug)]
pub struct GapReport {
    /// Since when.
    pub since: Timestamp,
    /// All of them.
    pub gaps: Vec<Gap>,
    /// Grouped, most asked first.
    pub groups: Vec<Group>,
    /// Whether gaps are recorded at all.
    pub recorded: bool,
}

/// What a person says about an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opinion {
    /// It helped.
    Helpful,
    /// It did not help.
    NotHelpful,
    /// Why it did not help, from the form that asks for it after
    /// [`Self::NotHelpful`] was said. The form may be sent empty.
    Reason(Option<String>),
}

impl App {
    /// Records a gap without keeping anyone waiting. It is written before the
    /// end of the program.
    pub(super) fn record_gap(self: &Arc<Self>, gap: Gap) {
        if !self.gaps.record {
            return;
        }
        let app = Arc::clone(self);
        // Before anything else runs, so that whoever settles waits for it; but
        // no answer waits for whoever settles.
        let writing = Arc::clone(&self.writing).try_read_owned().ok();
        tokio::spawn(async move {
            let _until_written = match writing {
                Some(writing) => writing,
                None => Arc::clone(&app.writing).read_owned().await,
            };
            match app.store.record_gap(&gap).await {
                Ok(()) => GAPS.count(&[gap.kind.as_str()]),
                Err(error) => tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "a gap was not recorded"
                ),
            }
        });
    }

    /// Keeps what a person says about an answer.
    ///
    /// # Errors
    /// It was not kept.
    pub async fn vote(
        self: &Arc<Self>,
        request: Request,
        asker: Asker,
        answer: MessageId,
        opinion: Opinion,
    ) -> Result<(), StoreError> {
        let at_ms = self.now().as_millisecond();
        let (is_new, reason) = match opinion {
            Opinion::Helpful => {
                self.store
                    .vote(asker.user, answer, Verdict::Helpful, at_ms)
                    .await?;
                VOTES.count(&["helpful"]);
                return Ok(());
            }
            Opinion::NotHelpful => (true, None),
            Opinion::Reason(reason) => (false, reason),
        };
        let mut gap = match self.answer(request.clone()).await {
            Some(answered) => self.gap(&answered, asker, Kind::NotHelpful),
            // What was looked up is gone from the notes; the vote still counts.
            None => Gap {
                question: Some(words_of(&request)),
                ..self.empty_gap(asker, Kind::NotHelpful)
            },
        };
        gap.reason = reason;
        if !self.gaps.record {
            gap.question = None;
            gap.reason = None;
        }
        self.store
            .vote(asker.user, answer, Verdict::NotHelpful(&gap), at_ms)
            .await?;
        if is_new {
            VOTES.count(&["not_helpful"]);
            GAPS.count(&[gap.kind.as_str()]);
        }
        Ok(())
    }

    /// The gaps of a server in the last `days`.
    ///
    /// # Errors
    /// They cannot be read.
    pub async fn gap_report(&self, guild: GuildId, days: u32) -> Result<GapReport, StoreError> {
        let since = self.days_ago(days);
        let gaps = self
            .store
            .gaps_since(Some(guild), since.as_millisecond())
            .await?;
        let groups = gap::group(&gaps);
        Ok(GapReport {
            since,
            gaps,
            groups,
            recorded: self.gaps.record,
        })
    }

    /// Forgets texts that are older than they may be.
    pub(super) async fn forget_texts(&self) -> Result<(), StoreError> {
        let days = self.gaps.keep_days;
        let before = self.days_ago(days);
        let forgotten = self
            .store
            .forget_texts_before(before.as_millisecond())
            .await?;
        if forgotten > 0 {
            tracing::info!(
                texts = forgotten,
                "question texts forgotten after {days} days"
            );
        }
        Ok(())
    }

    /// The gap that an answer is.
    pub(super) fn gap(&self, answered: &Answered, asker: Asker, kind: Kind) -> Gap {
        Gap {
            question: Some(answered.question.clone()),
            services: answered.answer.services.clone(),
            controls: answered.answer.controls.clone(),
            ..self.empty_gap(asker, kind)
        }
    }

    fn empty_gap(&self, asker: Asker, kind: Kind) -> Gap {
        Gap {
            kind,
            user: asker.user,
            guild: asker.guild,
            channel: asker.place.map(|place| place.channel),
            message: asker.place.map(|place| place.message),
            question: None,
            services: Vec::new(),
            controls: Vec::new(),
            reason: None,
            at_ms: self.now().as_millisecond(),
        }
    }

    fn days_ago(&self, days: u32) -> Timestamp {
        self.now()
            .checked_sub(SignedDuration::from_hours(24 * i64::from(days)))
            .unwrap_or(Timestamp::MIN)
    }
}

fn words_of(request: &Request) -> String {
    match request {
        Request::Question { text, .. } | Request::Show(text) => text.clone(),
        Request::Both(service, control) => format!("{service} {control}"),
        Request::Compare {
            first,
            second,
            control,
        } => format!("{first} vs {second} {control}")
            .trim_end()
            .to_owned(),
    }
}
