//! Stops on the way: a test catches a request at a named moment, does
//! something meanwhile, such as killing the bot, and lets it go on or be lost.

use std::sync::Arc;

use tokio::sync::watch;

use super::Double;
use super::rest::Request;
use super::world::Shared;

/// Where on its way a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// It is here, and nothing was done yet.
    Arrived,
    /// It has had its effect, and nobody was told. A request that is refused
    /// by a fault does not come to this.
    Processed,
    /// The answer is with the network. It cannot be held back any more.
    Answered,
}

/// What is to become of a request that stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Wait,
    GoOn,
    Lose,
}

/// A stop that one request will be caught at.
pub(crate) struct Stop {
    number: u64,
    method: String,
    path: String,
    moment: Moment,
    reached: Option<Request>,
    order: watch::Sender<Order>,
}

/// Stops that are set up.
#[derive(Default)]
pub(crate) struct Stops {
    made: u64,
    all: Vec<Stop>,
}

/// A handle on a stop. Dropping it lets the request go on.
pub(crate) struct Caught {
    shared: Arc<Shared>,
    number: u64,
    what: String,
}

impl Double {
    /// Catches the next request of a route such as `POST channels/*/messages`
    /// at a moment of its way.
    pub(crate) fn catch(&self, route: &str, moment: Moment) -> Caught {
        let (method, path) = route
            .split_once(' ')
            .expect("a route is written as METHOD path");
        let number = self.shared.change(|world| {
            let stops = &mut world.stops;
            stops.made += 1;
            stops.all.push(Stop {
                number: stops.made,
                method: method.to_owned(),
                path: path.to_owned(),
                moment,
                reached: None,
                order: watch::Sender::new(Order::Wait),
            });
            stops.made
        });
        Caught {
            shared: Arc::clone(&self.shared),
            number,
            what: format!("{route} to be {moment:?}"),
        }
    }
}

impl Caught {
    /// Waits until a request stands here.
    pub(crate) async fn reached(&self) -> Request {
        let find = |world: &mut super::world::World| {
            let stop = world.stops.all.iter();
            stop.clone()
                .find(|stop| stop.number == self.number)?
                .reached
                .clone()
        };
        self.shared.until(&self.what, find).await
    }

    /// Whether a request stands here.
    pub(crate) fn is_reached(&self) -> bool {
        let world = self.shared.look();
        let mut all = world.stops.all.iter();
        all.any(|stop| stop.number == self.number && stop.reached.is_some())
    }

    /// Lets the request go on, be it that nobody waits for its answer any more.
    pub(crate) fn release(self) {
        self.order(Order::GoOn);
    }

    /// The connection ends here: a request that has only arrived has no effect,
    /// one that was processed no answer.
    pub(crate) fn lose(self) {
        self.order(Order::Lose);
    }

    fn order(&self, order: Order) {
        let stops = &self.shared.look().stops;
        if let Some(stop) = stops.all.iter().find(|stop| stop.number == self.number) {
            stop.order.send_replace(order);
        }
    }
}

impl Drop for Caught {
    fn drop(&mut self) {
        self.shared.change(|world| {
            world.stops.all.retain(|stop| {
                let is_own = stop.number == self.number;
                if is_own && *stop.order.borrow() == Order::Wait {
                    stop.order.send_replace(Order::GoOn);
                }
                !is_own
            });
        });
    }
}

impl Shared {
    /// Stands still if a test wants this request caught here; says what is to
    /// become of it then.
    pub(super) async fn stop(&self, request: &Request, moment: Moment) -> Order {
        let order = self.change(|world| {
            let stop = world.stops.all.iter_mut().find(|stop| {
                let is_free = stop.reached.is_none() && stop.moment == moment;
                is_free && request.is_for(&stop.method, &stop.path)
            })?;
            stop.reached = Some(request.clone());
            Some(stop.order.subscribe())
        });
        let Some(mut order) = order.filter(|_| moment != Moment::Answered) else {
            return Order::GoOn;
        };
        let given = order.wait_for(|order| *order != Order::Wait).await;
        // The last order is kept when its sender has gone.
        given.map_or(Order::GoOn, |order| *order)
    }
}
