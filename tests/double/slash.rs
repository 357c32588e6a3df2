//! Command interactions from the registered definitions: only what is
//! registered can be used, with options of the right type in the right place.

use serde_json::{Map, Value, json};

use super::objects;
use super::routes::kind;
use super::setup::{Id, Setup};
use super::world::{World, id_in};

/// Discord's numbers of option types.
const SUBCOMMAND: u64 = 1;
const SUBCOMMAND_GROUP: u64 = 2;

/// The option under the cursor, with what was typed so far.
pub(crate) struct Focused<'a> {
    pub(crate) name: &'a str,
    pub(crate) partial: &'a str,
}

/// The `data` of a slash command such as `notes gaps`.
pub(crate) fn data(
    world: &World,
    channel: Id,
    name: &str,
    options: &Value,
    focused: Option<&Focused<'_>>,
) -> Value {
    let mut words = name.split(' ');
    let command = find(world, channel, words.next().unwrap_or(""), 1);
    let mut resolved = Map::new();
    let mut definition = command;
    let mut path = Vec::new();
    for word in words {
        let children = definition["options"].as_array().into_iter().flatten();
        let found = children
            .clone()
            .find(|child| child["name"] == word && is_branch(child));
        definition = found.unwrap_or_else(|| panic!("/{name}: {word} is no registered subcommand"));
        path.push((word, definition["type"].clone()));
    }
    let leaves = definition["options"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    assert!(!leaves.iter().any(is_branch), "/{name} needs a subcommand");
    let mut given = given_options(&world.setup, name, &leaves, options, focused, &mut resolved);
    for (word, kind) in path.into_iter().rev() {
        given = vec![json!({"name": word, "type": kind, "options": given})];
    }
    let mut data = json!({
        "id": command["id"], "name": command["name"], "type": 1, "options": given, "resolved": resolved,
    });
    if let Some(guild) = command.get("guild_id") {
        data["guild_id"] = guild.clone();
    }
    data
}

/// The `data` of a message menu entry.
pub(crate) fn menu_data(world: &World, channel: Id, name: &str, message: Id) -> Value {
    let command = find(world, channel, name, 3);
    let target = super::messages::shown(world, message);
    assert!(!target.is_null(), "the message of the menu is gone");
    json!({
        "id": command["id"], "name": command["name"], "type": 3, "target_id": objects::id(message),
        "resolved": {"messages": {message.to_string(): target}},
    })
}

/// A registered command that can be seen in a channel.
fn find<'a>(world: &'a World, channel: Id, name: &str, wanted: u64) -> &'a Value {
    let guild = world.setup.channel(channel).map(|(guild, _)| guild);
    let own = guild.and_then(|guild| world.commands.get(&Some(guild.id)));
    let all = own.into_iter().chain(world.commands.get(&None)).flatten();
    let found = all
        .clone()
        .find(|command| command["name"] == name && kind(command) == wanted);
    let command = found.unwrap_or_else(|| {
        let names: Vec<&Value> = all.map(|command| &command["name"]).collect();
        panic!("{name} is not registered here; registered are {names:?}")
    });
    let holds = |field: &str, number: u64| match command[field].as_array() {
        Some(list) => list.iter().any(|one| one == number),
        // Without `contexts` a global command is everywhere, a guild's in its guild.
        None => true,
    };
    let (installed, context) = match guild {
        Some(guild) => (u64::from(!guild.has_bot), 0),
        None => (0, 1),
    };
    assert!(
        holds("integration_types", installed),
        "{name} is not installed that way"
    );
    assert!(
        holds("contexts", context),
        "{name} is not offered in such a channel"
    );
    command
}

fn is_branch(option: &Value) -> bool {
    matches!(option["type"].as_u64(), Some(SUBCOMMAND | SUBCOMMAND_GROUP))
}

/// The given options as Discord sends them: in the order of the definition.
fn given_options(
    setup: &Setup,
    name: &str,
    leaves: &[Value],
    options: &Value,
    focused: Option<&Focused<'_>>,
    resolved: &mut Map<String, Value>,
) -> Vec<Value> {
    let empty = Map::new();
    let options = options.as_object().unwrap_or(&empty);
    let known = |option: &str| leaves.iter().any(|leaf| leaf["name"] == option);
    let asked = options
        .keys()
        .map(String::as_str)
        .chain(focused.map(|focused| focused.name));
    for option in asked {
        assert!(known(option), "/{name} has no option {option}");
    }
    let mut given = Vec::new();
    for leaf in leaves {
        let option = leaf["name"].as_str().unwrap_or("");
        if let Some(focused) = focused.filter(|focused| focused.name == option) {
            assert!(
                leaf["autocomplete"] == true,
                "/{name} {option} has no autocomplete"
            );
            given.push(json!({
                "name": option, "type": leaf["type"], "value": focused.partial, "focused": true,
            }));
        } else if let Some(value) = options.get(option) {
            if let Err(complaint) = accept(setup, leaf, value, resolved) {
                panic!("/{name} {option}: {complaint}");
            }
            given.push(json!({"name": option, "type": leaf["type"], "value": value}));
        } else {
            // While typing, required options may still be missing.
            let needed = leaf["required"] == true && focused.is_none();
            assert!(!needed, "/{name} needs the option {option}");
        }
    }
    given
}

/// Whether Discord's client would let this value through; fills `resolved`.
fn accept(
    setup: &Setup,
    leaf: &Value,
    value: &Value,
    resolved: &mut Map<String, Value>,
) -> Result<(), String> {
    let mut resolve = |kind: &str, object: Value| {
        let id = object["id"].as_str().unwrap_or("").to_owned();
        let of_kind = resolved.entry(kind).or_insert_with(|| json!({}));
        of_kind[id] = object;
    };
    let id = id_in(value).unwrap_or(0);
    let is_right = match leaf["type"].as_u64() {
        Some(3) => {
            let length = value.as_str().map(|text| text.chars().count() as u64);
            let least = leaf["min_length"].as_u64().unwrap_or(0);
            let most = leaf["max_length"].as_u64().unwrap_or(6000);
            length.is_some_and(|length| (least..=most).contains(&length))
        }
        Some(kind @ (4 | 10)) => {
            let number = value.as_f64().filter(|_| kind == 10 || value.is_i64());
            let least = leaf["min_value"].as_f64().unwrap_or(f64::MIN);
            let most = leaf["max_value"].as_f64().unwrap_or(f64::MAX);
            number.is_some_and(|number| (least..=most).contains(&number))
        }
        Some(5) => value.is_boolean(),
        Some(6) => match setup.user(id) {
            Some(user) => {
                resolve("users", objects::user(user));
                true
            }
            None => false,
        },
        Some(7) => match setup.channel(id) {
            Some((guild, channel)) => {
                let mut channel = objects::channel(guild, channel);
                channel["permissions"] = json!(setup.bot_permissions(id).to_string());
                resolve("channels", channel);
                true
            }
            None => false,
        },
        Some(8) => {
            let mut roles = setup.guilds.iter().flat_map(|guild| &guild.roles);
            match roles.find(|role| role.id == id) {
                Some(role) => {
                    resolve("roles", objects::role(role));
                    true
                }
                None => false,
            }
        }
        other => {
            return Err(format!(
                "options of type {other:?} are not supported by the double"
            ));
        }
    };
    if !is_right {
        return Err(format!("{value} does not fit {leaf}"));
    }
    match leaf["choices"]
        .as_array()
        .filter(|choices| !choices.is_empty())
    {
        Some(choices) if !choices.iter().any(|choice| choice["value"] == *value) => {
            Err(format!("{value} is none of the choices"))
        }
        _ => Ok(()),
    }
}
