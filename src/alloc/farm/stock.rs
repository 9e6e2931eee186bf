//! The resources that tickets may get now or soon, by what they are.
//!
//! A shape is a pool with the tags that a resource of it was started with: which groups of tickets
//! it fits is found once for each group, not for each resource.

use super::queues::{GroupId, Queues};
use crate::alloc::resource::{Offer, Resource, ResourceId, ResourceState};
use crate::alloc::ticket::Tags;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// The place of a shape in the list of shapes.
pub(crate) type ShapeId = usize;

/// A pool, and tags that resources of it have.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) pool: Arc<str>,
    offer: Offer,
    /// The groups of waiting tickets that it fits.
    pub(crate) groups: BTreeSet<GroupId>,
    /// Free resources that no ticket ever had.
    pub(crate) fresh: BTreeSet<ResourceId>,
    /// Resources that are starting.
    pub(crate) starting: BTreeSet<ResourceId>,
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Stock {
    shapes: Vec<Shape>,
    ids: HashMap<Arc<str>, BTreeMap<Offer, ShapeId>>,
    /// Which shapes fit a group, with the sum of its tags' priorities.
    fits: HashMap<GroupId, Vec<(ShapeId, i64)>>,
    /// Shapes with a fresh resource.
    open: BTreeSet<ShapeId>,
    /// Free resources that were used, and their shapes, by sandbox.
    used: HashMap<Arc<str>, BTreeMap<ResourceId, ShapeId>>,
    /// Resources that are cleaned, by sandbox.
    releasing: HashMap<Arc<str>, BTreeSet<ResourceId>>,
    /// Sandboxes in which a resource is free and fits a ticket that waits.
    contested: BTreeSet<Arc<str>>,
}

impl Stock {
    pub(crate) fn shape(&self, id: ShapeId) -> &Shape {
        &self.shapes[id]
    }

    /// Shapes with a fresh resource.
    pub(crate) fn open(&self) -> impl Iterator<Item = &Shape> {
        self.open.iter().map(|it| &self.shapes[*it])
    }

    /// Sandboxes in which a resource is free and fits a ticket that waits.
    pub(crate) fn contested(&self) -> impl Iterator<Item = &Arc<str>> {
        self.contested.iter()
    }

    /// Free resources that were used in a sandbox.
    pub(crate) fn used(&self, sandbox: &str) -> impl Iterator<Item = ResourceId> {
        let used = self.used.get(sandbox).into_iter();
        used.flat_map(|it| it.keys().copied())
    }

    /// Resources that are cleaned for a sandbox.
    pub(crate) fn releasing(&self, sandbox: &str) -> impl Iterator<Item = ResourceId> {
        self.releasing.get(sandbox).into_iter().flatten().copied()
    }

    /// Which shapes fit a group, with the sum of its tags' priorities.
    pub(crate) fn fits(&self, group: GroupId) -> &[(ShapeId, i64)] {
        self.fits.get(&group).map_or(&[], Vec::as_slice)
    }

    /// The sum of a group's tags' priorities in a shape that fits it.
    pub(crate) fn score(&self, group: GroupId, shape: ShapeId) -> Option<i64> {
        let fits = self.fits(group).iter();
        fits.copied().find(|it| it.0 == shape).map(|it| it.1)
    }

    /// The shape of these, made if it is new.
    pub(crate) fn shape_of(&mut self, pool: &Arc<str>, offer: &Offer, queues: &Queues) -> ShapeId {
        let known = self.ids.get(pool).and_then(|it| it.get(offer));
        if let Some(id) = known {
            return *id;
        }
        let id = self.shapes.len();
        let mut shape = Shape {
            pool: Arc::clone(pool),
            offer: offer.clone(),
            groups: BTreeSet::new(),
            fresh: BTreeSet::new(),
            starting: BTreeSet::new(),
        };
        for (group, it) in queues.groups() {
            if let Some(score) = offer.score(&it.tags) {
                shape.groups.insert(group);
                self.fits.entry(group).or_default().push((id, score));
            }
        }
        self.shapes.push(shape);
        let of_pool = self.ids.entry(Arc::clone(pool)).or_default();
        of_pool.insert(offer.clone(), id);
        id
    }

    /// A new group of tickets waits.
    pub(crate) fn add_group(&mut self, group: GroupId, tags: &Tags) {
        let mut fits = Vec::new();
        for (id, shape) in self.shapes.iter_mut().enumerate() {
            if let Some(score) = shape.offer.score(tags) {
                shape.groups.insert(group);
                fits.push((id, score));
            }
        }
        self.fits.insert(group, fits);
    }

    /// Nobody waits in a group any more.
    pub(crate) fn remove_group(&mut self, group: GroupId) {
        for (shape, _) in self.fits.remove(&group).unwrap_or_default() {
            self.shapes[shape].groups.remove(&group);
        }
    }

    /// Puts a resource where it belongs.
    pub(crate) fn add(&mut self, resource: &Resource, shape: ShapeId) {
        let id = resource.id;
        match (resource.state(), &resource.sandbox) {
            (ResourceState::Starting, _) => drop(self.shapes[shape].starting.insert(id)),
            (ResourceState::Releasing, Some(sandbox)) => {
                let list = self.releasing.entry(Arc::clone(sandbox)).or_default();
                list.insert(id);
            }
            (ResourceState::Up, _) if !resource.is_free() => {}
            (ResourceState::Up, _) if resource.is_unused() => {
                self.shapes[shape].fresh.insert(id);
                self.open.insert(shape);
            }
            (ResourceState::Up, Some(sandbox)) => {
                let list = self.used.entry(Arc::clone(sandbox)).or_default();
                list.insert(id, shape);
            }
            _ => {}
        }
    }

    /// Takes a resource out, as it was put in.
    pub(crate) fn remove(&mut self, resource: &Resource, shape: ShapeId) {
        let id = resource.id;
        match (resource.state(), &resource.sandbox) {
            (ResourceState::Starting, _) => drop(self.shapes[shape].starting.remove(&id)),
            (ResourceState::Releasing, Some(sandbox)) => {
                if let Some(list) = self.releasing.get_mut(sandbox) {
                    list.remove(&id);
                    if list.is_empty() {
                        self.releasing.remove(sandbox);
                    }
                }
            }
            (ResourceState::Up, _) if !resource.is_free() => {}
            (ResourceState::Up, _) if resource.is_unused() => {
                let fresh = &mut self.shapes[shape].fresh;
                fresh.remove(&id);
                if fresh.is_empty() {
                    self.open.remove(&shape);
                }
            }
            (ResourceState::Up, Some(sandbox)) => {
                if let Some(list) = self.used.get_mut(sandbox) {
                    list.remove(&id);
                    if list.is_empty() {
                        self.used.remove(sandbox);
                    }
                }
            }
            _ => {}
        }
    }

    /// Notes whether a sandbox has a free resource that fits one of its waiting tickets.
    pub(crate) fn note(&mut self, sandbox: &Arc<str>, queues: &Queues) {
        let used = self.used.get(sandbox).into_iter();
        let mut shapes = used.flat_map(BTreeMap::values);
        let waiting = queues.in_sandbox(sandbox);
        let is_fitting = |shape: &ShapeId| {
            let groups = &self.shapes[*shape].groups;
            let mut waiting = waiting.into_iter().flat_map(BTreeMap::keys);
            waiting.any(|it| groups.contains(&it.0))
        };
        match shapes.any(is_fitting) {
            true => drop(self.contested.insert(Arc::clone(sandbox))),
            false => drop(self.contested.remove(sandbox)),
        }
    }
}
