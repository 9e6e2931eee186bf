//! What a command is told, in its environment.

use crate::alloc::starter::{Order, Task};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The variable that marks the commands of a farm.
pub(super) const FARM: &str = "DISTMILL_FARM";
/// The variable with the number of the resource.
pub(super) const ID: &str = "RESALLOC_ID";

/// What stands for a value that there is none of, as scripts in the field know it.
const NONE: &str = "None";

/// The variables of an order, beside those of the server itself.
pub(super) fn variables(order: &Order) -> Vec<(String, String)> {
    let resource = order.task.resource();
    let text = |it: Option<String>| it.unwrap_or_else(|| NONE.to_owned());
    let name = match &order.task {
        Task::DeleteStray { name, .. } => Some(name.clone()),
        _ => resource.map(|it| it.name.to_string()),
    };
    let id = resource.map_or(0, |it| it.id.0);
    let mut out = vec![
        (ID.to_owned(), id.to_string()),
        ("RESALLOC_NAME".to_owned(), text(name)),
        ("RESALLOC_POOL_ID".to_owned(), order.pool.name.clone()),
        (
            "RESALLOC_ID_IN_POOL".to_owned(),
            text(resource.map(|it| it.id_in_pool.to_string())),
        ),
    ];
    let Some(resource) = resource else { return out };
    let counters = resource.counters.iter();
    out.extend(counters.map(|it| {
        let name = format!("RESALLOC_NAMED_COUNTER_{}", it.0);
        (name, it.1.to_string())
    }));
    if !matches!(order.task, Task::Start(_)) {
        let data = STANDARD.encode(&resource.data);
        out.push(("RESALLOC_RESOURCE_DATA".to_owned(), data));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alloc::pool::Pool;
    use crate::alloc::resource::{Offer, Resource, ResourceId, Seed};
    use jiff::Timestamp;
    use std::collections::BTreeMap;

    #[test]
    fn commands_are_told_what_they_are_about() {
        let seed = Seed {
            id: ResourceId(12),
            name: "p_12".into(),
            pool: "p".into(),
            id_in_pool: 3,
            counters: BTreeMap::from([("ip".to_owned(), 7)]),
            offer: Offer::default(),
        };
        let mut resource = Resource::new(seed, Timestamp::UNIX_EPOCH);
        let told = |task: Task| {
            let order = Order {
                number: 1,
                pool: Pool::named("p").into(),
                task,
            };
            let lines = variables(&order);
            let lines = lines.iter().map(|it| format!("{}={}", it.0, it.1));
            lines.collect::<Vec<_>>().join(" ").replace("RESALLOC_", "")
        };
        let plain = "ID=12 NAME=p_12 POOL_ID=p ID_IN_POOL=3 NAMED_COUNTER_ip=7";
        assert_eq!(told(Task::Start(resource.clone())), plain);
        resource
            .come_up(b"10.0.0.1\n".as_slice().into(), Timestamp::UNIX_EPOCH)
            .unwrap();
        let more = format!("{plain} RESOURCE_DATA=MTAuMC4wLjEK");
        assert_eq!(told(Task::Delete(resource.clone())), more);
        assert_eq!(told(Task::Livecheck(resource)), more);
        let none = "ID=0 NAME=None POOL_ID=p ID_IN_POOL=None";
        assert_eq!(told(Task::List("p".into())), none);
        let stray = told(Task::DeleteStray {
            pool: "p".into(),
            name: "x".to_owned(),
        });
        assert_eq!(stray, none.replace("NAME=None", "NAME=x"));
    }
}
