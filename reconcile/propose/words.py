"""What the words of a header say: whom a number counts, and which field of a claim a column may be."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_BOUNDARY = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
_WORD = re.compile(r"[^\W_]+")
_ARTICLE = re.compile(r"^(?:ال|لل)(?=\w{3})")


@lru_cache(maxsize=4096)
def words_of(header: str) -> frozenset[str]:
    """Return the words of a header: small letters, without marks and Arabic articles; camelCase is a word, and two."""
    parted = _BOUNDARY.sub(" ", header)
    bare = "".join(
        sign for sign in unicodedata.normalize("NFKD", parted) if unicodedata.category(sign) != "Mn"
    )
    return frozenset(_ARTICLE.sub("", word) for word in _WORD.findall(bare.casefold()))


def _table(**rows: str) -> dict[str, frozenset[str]]:
    return {code: words_of(words) for code, words in rows.items()}


# ---- numbers -------------------------------------------------------------------------------------------------------

MEASURES = _table(
    killed=(
        "killed kill kills killing killings dead death deaths died fatality fatalities fatal slain deceased martyr martyrs kia nkill ndeath "
        "muertos muertas muertes fallecidos fallecidas asesinados tués tuées morts décès قتلى قتيل قتل شهداء وفيات "
        "загинуло загиблих загиблі загинули вбито вбитих убито убитых убитые погибло погибших погибшие погибли הרוגים"
    ),
    injured=(
        "injured injuries injury wounded wound wounds hurt maimed nwound wia heridos heridas lesionados blessés blessées جرحى جريح إصابات مصابين مصاب "
        "поранено поранених поранені травмовано ранено раненых раненые пострадавших פצועים"
    ),
    killed_or_injured="casualties casualty victims víctimas victimes ضحايا жертв жертви жертвы",
    missing="missing disappeared desaparecidos disparus مفقودين مفقود зниклих пропавших",
    detained="detained arrested arrests detainees detenidos détenus معتقلين معتقل затримано задержано",
    displaced="displaced displacement idp idps desplazados déplacés نازحين переміщених",
    abducted="abducted kidnapped abductions secuestrados enlevés مختطفين викрадено похищено",
)
BOUNDS = _table(
    low="low lower lowest min minimum minimal least mínimo mínima minimale أدنى мін мінімум мин минимум",
    high="high higher highest max maximum maximal most upper máximo máxima maximale أقصى أعلى макс максимум",
    best="best est estimate estimated likely median mejor",
)
POPULATIONS = _table(
    civilian=(
        "civilian civilians civ civs civil civiles civils civile noncombatant noncombatants مدنيين مدني مدنيون "
        "мирних мирных цивільних цивільні гражданских"
    ),
    combatant=(
        "combatant combatants fighter fighters militant militants military mil soldier soldiers insurgent insurgents terrorists attackers "
        "perpetrators militaires militares combatientes مقاتلين عسكريين військових военных боевиков бойовиків"
    ),
    all="total totals all overall everyone todos toutes всего всього إجمالي مجموع",
)
AGES = _table(
    child="child children kids minor minors girls boys niños niñas menores enfants mineurs أطفال طفل дітей діти детей дети ילדים",
    adult="adult adults women men woman man mujeres hombres femmes hommes نساء رجال жінок жінки женщин женщины чоловіків мужчин נשים",
)
SEXES = _table(
    female="female females women woman girls girl mujeres niñas femmes filles نساء إناث жінок жінки женщин женщины נשים",
    male="male males men man boys boy hombres hommes garçons رجال ذكور чоловіків чоловіки мужчин мужчины גברים",
)


@dataclass(frozen=True, slots=True)
class Counted:
    """What a column of numbers counts, and which bound it states; empty where the header does not say."""

    measure: str
    population: str = ""
    sex: str = ""
    age: str = ""
    bound: str = ""

    @property
    def figure(self) -> tuple[str, str, str, str]:
        """What bounds of one figure share."""
        return self.measure, self.population, self.sex, self.age


def counted_in(header: str) -> Counted | None:
    """Return what a column of numbers counts by its header's words; None where they name no measure."""
    words = words_of(header)
    found = [code for code, known in MEASURES.items() if words & known]
    measure = "killed_or_injured" if {"killed", "injured"} <= set(found) else next(iter(found), "")
    if not measure:
        return None
    return Counted(
        measure,
        _first(POPULATIONS, words),
        _first(SEXES, words),
        _first(AGES, words),
        _first(BOUNDS, words),
    )


def _first(table: dict[str, frozenset[str]], words: frozenset[str]) -> str:
    return next((code for code, known in table.items() if words & known), "")


# ---- fields --------------------------------------------------------------------------------------------------------

DAYS = _table(
    victim_birth="birth born dob birthday birthdate nacimiento naissance народження рождения ميلاد ولادة לידה",
    date_end="end ends ended ending until till to last latest fin finish конец кінець закінчення نهاية сfin",
    reported_on="reported report reporting published publish publication posted announced release released публікації публикации نشر",
    date_start="date day start starts begin from when occurred incident event fecha jour дата день تاريخ يوم תאריך",
)
DAY_PARTS = _table(
    start_year="year yr iyear año année рік год سنة עام", start_month="month imonth mes mois місяць месяц شهر", start_day="day iday día jour день يوم",
)  # fmt: skip
# Days of these words may be those of the record, or of what it was taken from.
ASIDE = words_of(
    "source article entry entered created modified updated update upload uploaded added record recorded version timestamp submission coded retrieved accessed today"
)
TARGETS = words_of("target targets victim victims objective")
# Regions of the world, which a gazetteer may take for governorates.
WORLD = words_of("africa asia europe middle america americas oceania caribbean world afrique europa")
RUNNING = words_of("cum cumulative cumul running acumulado cumulé تراكمي накопичувально нарастающим")
COUNTS_OF_REPORTS = words_of("source sources report reports article articles fuentes مصادر")
PLACES = _table(
    pcode="pcode pcodes",
    latitude="latitude lat latitud широта",
    longitude="longitude lon lng long longitud довгота долгота",
    country_code="country countries nation iso iso2 iso3 país pays країна страна بلد دولة מדינה",
    admin1="governorate province provinces oblast admin1 adm1 state region wilayat provincia departamento département muhafaza محافظة ولاية область estado",
    admin2="district districts county raion rayon admin2 adm2 municipality subdistrict distrito municipio قضاء مديرية район",
    place_name="place location locality town city village settlement site where lugar localidad ciudad lieu ville commune місце місто место город село مكان موقع مدينة بلدة قرية מקום",
)
OTHERS = _table(
    url="url urls link links href web website webpage permalink رابط",
    perpetrator_codes="perpetrator perpetrators actor actors attacker attackers belligerent belligerents responsible culprit combatants killer aggressor autor autores auteur جهة الفاعل винуватець виновник",
    native_id="id ids ref reference code key identifier number no nr num uid uuid serial index رقم номер número numéro מספר",
    violence_code="weapon weapons violence attack method means arma armes سلاح зброя оружие",
    text="summary description narrative story text details account descripción récit وصف تفاصيل опис описание",
    note="note notes remark remarks comment comments notas observaciones remarques ملاحظات примітки примечание הערות",
    reported_via="source sources outlet media fuente fuentes مصدر مصادر джерело джерела источник источники",
)
# Who stands in a column of these words is a person, named.
PERSONS = words_of(
    "name names fullname surname surnames forename firstname lastname patronymic victim victims deceased martyr martyrs person persons people detainee relative "
    "relatives family mother father husband wife spouse grandfather grandmother parent guardian witness witnesses interviewee interviewer enumerator informant contact "
    "author coder clerk editor researcher reporter reviewer user username login handle account operator owner commander "
    "nombre nombres apellido apellidos nom noms prénom prénoms اسم أسماء شهيد ضحية كنية لقب والد والدة أم أب جد عائلة "
    "имя имена фамилия отчество фио піб прізвище ім побатькові שם משפחה"
)
DELICATE = words_of(
    "phone telephone tel mobile cell fax email mail passport national ssn dni cédula cedula identity address residence facebook telegram twitter whatsapp photo picture "
    "هاتف جوال عنوان هوية телефон адреса адрес паспорт תעודת"
)
# A name of one of these is no person's.
NAMED_THINGS = words_of(
    "place location town city village country region province governorate district admin actor group party side dyad conflict event incident source file sheet column "
    "nation faction militia army brigade weapon programme project database dataset camp organisation organization operation campaign hospital site street neighbourhood state area unit target type facility layer"
)


def names_persons(header: str) -> bool:
    """Return whether a header says that its column names persons, or what leads to one."""
    words = words_of(header)
    return bool(words & DELICATE) or bool(words & PERSONS and not words & NAMED_THINGS)


def field_in(header: str, table: dict[str, frozenset[str]]) -> str:
    """Return the first field of a table that a header's words speak of, else ""."""
    return _first(table, words_of(header))
