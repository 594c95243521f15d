"""What is talked about in the demo, and what its people say. Words only.

Each topic has lines of its own; questions, cheers and small talk fit any of them.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Subject:
    """A topic, and what people say and ask while it is current."""

    title: str
    lines: tuple[str, ...]
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Programme:
    """A talk as it is announced."""

    title: str
    panel: tuple[tuple[str, str], ...]
    """Name and what they do."""
    subjects: tuple[Subject, ...]
    posts: tuple[tuple[str, str], ...]
    """Who says what about it elsewhere meanwhile."""


SOURCE = "mastodon"
"""Where those posts are said to come from."""

BRIDGES = Programme(
    title="Why bridges sing",
    panel=(
        ("Ingrid Solheim", "builds footbridges"),
        ("Tomás Arce", "listens to cables for a living"),
        ("Mina Okafor", "writes about cities"),
    ),
    subjects=(
        Subject(
            "Wind, wire and a wobble",
            (
                "our bridge hums on windy nights, everybody here knows the tune",
                "so the wind does not push it, it plays it",
                "I walked over it the day it opened and felt seasick",
                "the animation makes it so clear",
                "like blowing over a bottle, then",
            ),
            (
                "How strong must the wind be before you can hear it?",
                "Could you tune a bridge on purpose?",
                "Why did nobody notice in the model?",
            ),
        ),
        Subject(
            "A thousand people in step",
            (
                "we do fall into step without meaning to",
                "so soldiers really do break step on bridges",
                "that video of the crowd is hypnotic",
                "the feedback loop goes through our knees, lovely",
                "nobody decides it and everybody does it",
            ),
            (
                "What happens when half of the people are running?",
                "Is there a number of people at which it begins?",
                "Do dampers wear out, and who checks them?",
            ),
        ),
        Subject(
            "Listening for the next repair",
            (
                "a microphone instead of a scaffold, I like it",
                "how do they tell a lorry from a broken wire?",
                "my train line could use this",
                "so every cable has a voice of its own",
                "twenty years of recordings, what a treasure",
            ),
            (
                "What does a breaking wire sound like?",
                "Who owns the recordings of a public bridge?",
                "Could people help with their phones?",
            ),
        ),
        Subject(
            "What a city should hear",
            (
                "quiet is also something one can build",
                "the harp on the pedestrian bridge was closed after complaints",
                "I want a map of sounds of my street",
                "they should have asked the people who live below it",
                "a city is an instrument, that is the sentence of the evening",
            ),
            (
                "Which city sounds best to you, and why?",
                "Should the law protect a sound?",
                "Where would you build the next singing bridge?",
            ),
        ),
    ),
    posts=(
        (
            "brueckenfreund@example.social",
            "Listening to a bridge being tuned. Best evening in weeks.",
        ),
        ("citysounds@example.org", "If you are at the bridge talk: ask them about the harp!"),
        ("mina_reads@example.social", "A city is an instrument. Writing that down."),
    ),
)

GARDENS = Programme(
    title="A garden on every roof",
    panel=(
        ("Amara Diallo", "plants roofs"),
        ("Jonas Weber", "keeps roofs dry"),
    ),
    subjects=(
        Subject(
            "How much a roof can bear",
            (
                "so it is the water that weighs, not the plants",
                "our landlord says no because of the weight",
                "twelve centimetres of soil are enough for thyme",
                "I had no idea that snow is planned for",
                "good to hear an engineer say yes for once",
            ),
            (
                "Who may tell me what my roof can bear?",
                "Does an old timber roof work too?",
                "What does it cost per square metre?",
            ),
        ),
        Subject(
            "Rain, heat and bees",
            (
                "five degrees less on the top floor, I would sign at once",
                "the sewer people should pay for this",
                "we have wild bees on the fourth floor",
                "in our street the cellars flood every July",
                "sedum is not a garden, sorry",
            ),
            (
                "How does it do in a dry year?",
                "Do solar panels and plants get along?",
                "Which plants would you start with?",
            ),
        ),
        Subject(
            "Neighbours as gardeners",
            (
                "our roof has a rota and a key, that is all it takes",
                "who is liable when somebody falls?",
                "children's hour on the roof is the best hour of the week",
                "we grow tomatoes and peace between the floors",
                "start with one bench, the rest follows",
            ),
            (
                "How do you begin when half of the house is against it?",
                "Who waters in August?",
                "May a tenant do this at all?",
            ),
        ),
    ),
    posts=(
        ("dachgarten@example.social", "Roof gardens live right now, and the engineer says yes."),
        ("beesupstairs@example.org", "Our wild bees moved in within one summer. Go for it."),
        ("stormwater@example.social", "Every green roof is a cellar that stays dry."),
    ),
)

MANNERS = (
    "{}",
    "{} :)",
    "honestly, {}",
    "same here: {}",
    "{}, no?",
    "what stays with me: {}",
    "yes, {}",
    "my neighbour whispers: {}",
    "{}, who else?",
    "hm, {}",
)
"""How people say the same thing in their own words, more or less."""

GREETINGS = ("hello!", "good evening", "hi from the back row", "hello from Porto", "sound is fine")
CHEERS = (
    "oh that was good",
    "hear, hear!",
    "please say that again",
    "this!",
    "exactly",
    "wow",
    "that picture!",
    "ha, lovely",
)
FAREWELLS = ("thank you!", "great evening", "bye all", "thanks to the panel")

# fmt: off
FIRST_NAMES = (
    "Ann", "Bob", "Carla", "Dev", "Elif", "Farid", "Greta",
    "Hugo", "Ines", "Jun", "Kofi", "Lena", "Marek", "Nora",
    "Omar", "Pia", "Quentin", "Rosa", "Sven", "Tara", "Ugo",
    "Vera", "Wim", "Xenia", "Yuki", "Zoe",
)
# fmt: on
INITIALS = "ABDEFGHJKLMNPRSTVW"
