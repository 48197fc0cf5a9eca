"""Every export that a monitor publishes, by its real header: whose it is, that no column of it goes unread, and what one row of it means.

Headers are those of the real files; the rows are invented. Beside them stand sheets that look like an export and are
nobody's: read as a monitor's they would be claimed in its name, with its attacker and its country.
"""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from reconcile.drafts import gather
from reconcile.errors import InputFault
from reconcile.normalize import build_context, normalize
from reconcile.read import SourceFile, read_tables
from reconcile.validate import Within, validate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from reconcile.ruleset import Ruleset
    from reconcile.validate import Validated

    Read = Callable[[str, str], tuple[list[tuple[str, str]], Validated]]

# Monitor, layout and header.
HEADERS = {
    "acled_current": (
        "acled",
        "acled_events",
        (
            "event_id_cnty,event_date,year,time_precision,disorder_type,event_type,sub_event_type,actor1,"
            "assoc_actor_1,inter1,actor2,assoc_actor_2,inter2,interaction,civilian_targeting,iso,region,"
            "country,admin1,admin2,admin3,location,latitude,longitude,geo_precision,source,source_scale,"
            "notes,fatalities,tags,timestamp"
        ),
    ),
    "acled_version_6": (
        "acled",
        "acled_events",
        (
            "GWNO,EVENT_ID_CNTY,EVENT_ID_NO_CNTY,EVENT_DATE,YEAR,TIME_PRECISION,EVENT_TYPE,ACTOR1,"
            "ALLY_ACTOR_1,INTER1,ACTOR1_ID,ACTOR2,ALLY_ACTOR_2,INTER2,ACTOR2_ID,INTERACTION,ACTOR_DYAD_ID,"
            "COUNTRY,ADMIN1,ADMIN2,ADMIN3,LOCATION,LATITUDE,LONGITUDE,GEO_PRECISION,SOURCE,NOTES,FATALITIES"
        ),
    ),
    "acled_version_5": (
        "acled",
        "acled_events",
        (
            "GWNO,EVENT_ID_CNTY,EVENT_ID_NO_CNTY,YEAR,TIME_PRECISION,ALLY_ACTOR_1,INTER1,ACTOR2,ALLY_ACTOR_2,"
            "INTER2,INTERACTION,COUNTRY,ADMIN1,ADMIN2,ADMIN3,LOCATION,LATITUDE,LONGITUDE,SOURCE,NOTES,"
            "FATALITIES,EVENT_DATE,EVENT_TYPE,ACTOR1,GEO_PRECISION"
        ),
    ),
    "ged_49": (
        "ucdp_ged",
        "ged_csv",
        (
            "id,relid,year,active_year,code_status,type_of_violence,conflict_dset_id,conflict_new_id,"
            "conflict_name,dyad_dset_id,dyad_new_id,dyad_name,side_a_dset_id,side_a_new_id,side_a,"
            "side_b_dset_id,side_b_new_id,side_b,number_of_sources,source_article,source_office,source_date,"
            "source_headline,source_original,where_prec,where_coordinates,where_description,adm_1,adm_2,"
            "latitude,longitude,geom_wkt,priogrid_gid,country,country_id,region,event_clarity,date_prec,"
            "date_start,date_end,deaths_a,deaths_b,deaths_civilians,deaths_unknown,best,high,low,gwnoa,gwnob"
        ),
    ),
    "ged_41": (
        "ucdp_ged",
        "ged_csv",
        (
            "id,year,active_year,type_of_violence,conflict_new_id,conflict_name,dyad_new_id,dyad_name,"
            "side_a_new_id,side_a,side_b_new_id,gwnob,side_b,number_of_sources,source_article,source_office,"
            "source_date,source_headline,source_original,where_prec,where_coordinates,adm_1,adm_2,latitude,"
            "longitude,geom_wkt,priogrid_gid,country,country_id,region,event_clarity,date_prec,date_start,"
            "date_end,deaths_a,deaths_b,deaths_civilians,deaths_unknown,low,best,high"
        ),
    ),
    "ged_version_5": (
        "ucdp_ged",
        "ged_csv",
        (
            "id,relid,year,active_year,conflict_dset_id,conflict_new_id,conflict_name,dyad_dset_id,"
            "dyad_new_id,dyad_name,side_a_dset_id,side_a_new_id,side_a,side_b_dset_id,side_b_new_id,side_b,"
            "number_of_sources,source_article,source_office,source_date,source_headline,source_original,"
            "where_coordinates,where_description,adm_1,adm_2,latitude,longitude,geom_wkt,priogrid_gid,"
            "country,region,event_clarity,date_prec,deaths_a,deaths_b,deaths_civilians,deaths_unknown,"
            "best_est,high_est,low_est,date_start,date_end,type_of_violence,where_prec"
        ),
    ),
    "gtd_137": (
        "gtd",
        "gtd_incidents",
        (
            "eventid,iyear,imonth,iday,approxdate,extended,resolution,country,country_txt,region,region_txt,"
            "provstate,city,latitude,longitude,specificity,vicinity,location,summary,crit1,crit2,crit3,"
            "doubtterr,alternative,alternative_txt,multiple,success,suicide,attacktype1,attacktype1_txt,"
            "attacktype2,attacktype2_txt,attacktype3,attacktype3_txt,targtype1,targtype1_txt,targsubtype1,"
            "targsubtype1_txt,corp1,target1,natlty1,natlty1_txt,targtype2,targtype2_txt,targsubtype2,"
            "targsubtype2_txt,corp2,target2,natlty2,natlty2_txt,targtype3,targtype3_txt,targsubtype3,"
            "targsubtype3_txt,corp3,target3,natlty3,natlty3_txt,gname,gsubname,gname2,gsubname2,gname3,"
            "gsubname3,motive,guncertain1,guncertain2,guncertain3,individual,nperps,nperpcap,claimed,"
            "claimmode,claimmode_txt,claim2,claimmode2,claimmode2_txt,claim3,claimmode3,claimmode3_txt,"
            "compclaim,weaptype1,weaptype1_txt,weapsubtype1,weapsubtype1_txt,weaptype2,weaptype2_txt,"
            "weapsubtype2,weapsubtype2_txt,weaptype3,weaptype3_txt,weapsubtype3,weapsubtype3_txt,weaptype4,"
            "weaptype4_txt,weapsubtype4,weapsubtype4_txt,weapdetail,nkill,nkillus,nkillter,nwound,nwoundus,"
            "nwoundte,property,propextent,propextent_txt,propvalue,propcomment,ishostkid,nhostkid,nhostkidus,"
            "nhours,ndays,divert,kidhijcountry,ransom,ransomamt,ransomamtus,ransompaid,ransompaidus,"
            "ransomnote,hostkidoutcome,hostkidoutcome_txt,nreleased,addnotes,scite1,scite2,scite3,dbsource,"
            "INT_LOG,INT_IDEO,INT_MISC,INT_ANY,related,date_precision,event_date"
        ),
    ),
    "scad_47": (
        "scad",
        "scad_events",
        (
            "eventid,id,ccode,countryname,date,enddate,duration,stday,stmo,styr,eday,emo,eyr,escalation,"
            "actor2,actor3,target1,target2,cgovtarget,rgovtarget,npart,ndeath,repress,elocal,ilocal,sublocal,"
            "gislocnum,issue1,issue2,issue3,issuenote,nsource,notes,coder,acd_questionable,latitude,"
            "longitude,geo_comments,location_precision,year,month,day,spec_id,startdate,etype,actor1,locnum"
        ),
    ),
    "airwars_pages": (
        "airwars",
        "incident_pages",
        (
            "code,airwars_id,url,incident_date,date_range_end,date_type,local_time,published,modified,"
            "country_ar,location_en,location_ar,region_en,governorate_en,state_en,district_en,latitude,"
            "longitude,geolocation_accuracy,belligerents,strike_type,strike_status,civilian_harm_reported,"
            "civilian_harm_status,cause_of_death_injury,infrastructure,incident_status,total_strikes,"
            "first_reported,first_reported_by,civ_killed_min,civ_killed_max,civ_injured_min,civ_injured_max,"
            "children_killed_min,children_killed_max,women_killed_min,women_killed_max,men_killed_min,"
            "men_killed_max,mil_killed_min,mil_killed_max,n_sources,page_conflict,page_civilians_killed,"
            "page_civilians_injured,page_military_actor"
        ),
    ),
    "airwars_syria_victims": (
        "airwars",
        "syria_victims",
        "code,airwars_id,incident_date,victim_no,name_ar,name_en,gender,age_group,age,status,extra",
    ),
    "airwars_statements": (
        "airwars",
        "military_statements",
        (
            "code,airwars_id,belligerent_no,belligerent,belligerent_type,assessment,assessment_term,"
            "reason_non_credible,reason_credible,deaths_conceded_min,deaths_conceded_max,"
            "injuries_conceded_min,injuries_conceded_max,belligerent_location,mgrs,mgrs_accuracy,"
            "strike_report,strike_report_url,kind,statement_no,statement_date,statement_url,statement"
        ),
    ),
    "airwars_gaza_victims": (
        "airwars",
        "gaza_victims",
        (
            "incident_id,incident_date,family_id,victim_id,name_en,name_ar,age_years,age_group,gender,"
            "pregnant,killed_or_injured,moh_id"
        ),
    ),
    "airwars_gaza_individuals": (
        "airwars",
        "gaza_individuals_2024",
        (
            "incident_id,date,group_id,group_is_family,individual_id,designator_en,designator_ar,age,"
            "age_category,sex,pregnant,relation,comment,killed_or_injured,moh_id,flags"
        ),
    ),
    "airwars_gaza_pages": (
        "airwars",
        "gaza_pages",
        (
            "file,code,incident_date,location,latitude,longitude,geolocation_accuracy,strike_status,"
            "strike_type,infrastructure,civilian_harm_reported,civilians_reported_killed,"
            "civilians_reported_injured,cause_of_injury_death,airwars_civilian_harm_grading,impact,"
            "suspected_belligerent,civilians_reported_killed_min,civilians_reported_killed_max,"
            "civilians_reported_injured_min,civilians_reported_injured_max,n_sources,narrative,"
            "suspected_belligerents,known_belligerent,belligerents_reported_killed,suspected_target,"
            "known_target,causes_of_injury_death"
        ),
    ),
    "moh_20231026_raw": ("gaza_moh", "moh_official_list", "id,gov_id,name,sex,age"),
    "moh_20240105_raw": ("gaza_moh", "moh_official_list", "name,gov_id,dob,sex"),
    "moh_20240329_raw": ("gaza_moh", "moh_official_list", "id,name,gov_id,dob,sex,age,source"),
    "moh_20240430_raw": ("gaza_moh", "moh_official_list", "id,name,gov_id,age,address,sex"),
    "moh_20231026": ("gaza_moh", "moh_official_list", "id,gov_id,name,sex,age,flg_gov_id,flg_name,flg_age"),
    "moh_20240105": (
        "gaza_moh",
        "moh_official_list",
        "id,name,gov_id,dob,sex,flg_name,flg_gov_id,flg_dob,flg_sex",
    ),
    "moh_20240630": (
        "gaza_moh",
        "moh_official_list",
        "id,name,gov_id,dob,sex,age,source,flg_gov_id,flg_name,flg_dob",
    ),
    "moh_20240831": (
        "gaza_moh",
        "moh_official_list",
        "id,name,gov_id,dob,sex,age,source,flg_gov_id,flg_name,flg_dob",
    ),
    "killed_in_gaza_5": ("gaza_moh", "killed_in_gaza_first", "id,name,en_name,age,sex"),
    "killed_in_gaza_7": ("gaza_moh", "killed_in_gaza", "id,name,en_name,age,dob,sex,source"),
    "ibc_individuals": (
        "iraq_body_count",
        "ibc_individuals",
        (
            "IBC code,Name or Identifying Details,Age,Sex,Marital Status,Parental Status,Earliest Date,"
            "Latest Date,Location"
        ),
    ),
    "ibc_renamed": (
        "iraq_body_count",
        "ibc_incidents",
        (
            "ibc_code,start_date,end_date,time,location,target,weapons,reported_minimum,reported_maximum,"
            "sources,date_start,date_end,days_since_start"
        ),
    ),
    "yemen_data_project": (
        "yemen_data_project",
        "ydp_air_raids",
        (
            "Incident ID,Date,Governorate,District,Area,Target,Main category,Sub-category,Min Air Raids,"
            "Max Air Raids,Civilian Casualties,Fatalities ,Woman fatalities,Child fatalities,Injured ,"
            "Woman injured,Child injured, Confirmed Time,Time of Day,Unnamed: 19,Unnamed: 20,Unnamed: 21,"
            "Unnamed: 22"
        ),
    ),
    "centcom": (
        "centcom",
        "strike_releases",
        "date,country,location,number,manually_edited,description,line",
    ),
    "btselem": (
        "btselem",
        "btselem_fatalities",
        (
            "name,date_of_event,age,citizenship,event_location,event_location_district,event_location_region,"
            "date_of_death,gender,took_part_in_the_hostilities,place_of_residence,"
            "place_of_residence_district,type_of_injury,ammunition,killed_by,notes,Unnamed: 16"
        ),
    ),
    "vdc": (
        "vdc",
        "vdc_martyrs",
        (
            "uid,Name,Province,Sex,Status,Mother's Name,Date of Birth,Number of kids,Age,Marital Status,"
            "Area \\ Place of birth,Occupation,National Number,ID Card number,Date of death,"
            "Martyrdom location,Cause of Death,Direct Cause of Death,Method of Execution,Caesar File,Actors,"
            "Type of Weapon,Brigade Name,The Source,Link,Link_2,Rank / Military situation,Notes,uid_2,"
            "Funeral Procession,Video of the killed person,Video of the killed person_2,Funeral Procession_2,"
            "Photo,Generic Video,Generic Video_2,Facebook Page,Facebook Page_2,News Article"
        ),
    ),
    "ohchr": (
        "ohchr",
        "ohchr_ukraine_totals",
        "location,type1,date_start,date_end,civilians_killed,civilians_injured,pdf,days_since_start",
    ),
    "war_totals": ("war_totals", "war_totals", "war_id,war_name,side,bucket,low,high,notes"),
    "coalition_statements": (
        "cjtf_oir",
        "assessments",
        (
            "statement_id,date,date_end,date_text,place_text,via,verdict,killed_text,injured_text,"
            "conceded_min,conceded_max,injuries_conceded_min,injuries_conceded_max,statement_date,"
            "statement_scrubbed"
        ),
    ),
    "acled_2018": (
        "acled",
        "acled_events",
        (
            "data_id,iso,event_id_cnty,event_id_no_cnty,event_date,year,time_precision,event_type,"
            "sub_event_type,actor1,assoc_actor_1,inter1,actor2,assoc_actor_2,inter2,interaction,region,"
            "country,admin1,admin2,admin3,location,latitude,longitude,geo_precision,source,source_scale,"
            "notes,fatalities,timestamp,iso3"
        ),
    ),
    "acled_hdx": (
        "acled",
        "acled_events",
        (
            "event_id_cnty,event_date,year,event_type,actor1,assoc_actor_1,actor2,assoc_actor_2,region,"
            "country,admin1,admin2,admin3,location,latitude,longitude,source,notes,fatalities,iso3"
        ),
    ),
    "acled_deletions": ("acled", "acled_deletions", "event_id_cnty,deleted_timestamp"),
    "acled_weekly": (
        "acled",
        "acled_weekly",
        (
            "WEEK,REGION,COUNTRY,ADMIN1,EVENT_TYPE,SUB_EVENT_TYPE,DISORDER_TYPE,EVENTS,FATALITIES,"
            "POPULATION_EXPOSURE,CENTROID_LATITUDE,CENTROID_LONGITUDE"
        ),
    ),
    "ged_hdx": (
        "ucdp_ged",
        "ged_csv",
        (
            "id,relid,year,active_year,code_status,type_of_violence,conflict_dset_id,conflict_new_id,"
            "conflict_name,dyad_dset_id,dyad_new_id,dyad_name,side_a_dset_id,side_a_new_id,side_a,"
            "side_b_dset_id,side_b_new_id,side_b,number_of_sources,source_article,source_office,source_date,"
            "source_headline,source_original,where_prec,where_coordinates,where_description,adm_1,adm_2,"
            "latitude,longitude,geom_wkt,priogrid_gid,country,country_id,region,event_clarity,date_prec,"
            "date_start,date_end,deaths_a,deaths_b,deaths_civilians,deaths_unknown,best,high,low,gwnoa,gwnob,"
            "iso3,start_year,end_year"
        ),
    ),
    "hapi": (
        "hdx_hapi",
        "hapi_conflict_events",
        (
            "location_code,has_hrp,in_gho,provider_admin1_name,provider_admin2_name,admin1_code,admin1_name,"
            "admin2_code,admin2_name,admin_level,event_type,events,fatalities,reference_period_start,"
            "reference_period_end,dataset_hdx_id,resource_hdx_id,warning,error"
        ),
    ),
    "ibc_incidents": (
        "iraq_body_count",
        "ibc_incidents",
        "IBC code,Start Date,End Date,Time,Location,Target,Weapons,Reported Minimum,Reported Maximum,Sources",
    ),
    "ibc_romanised_march": ("gaza_moh", "moh_romanised_list", "Index,Name,الاسم,Age,Born,Sex,ID number"),
    "ibc_romanised_june": ("gaza_moh", "moh_romanised_list", "Index,Name,الاسم,Age,Born,Sex,ID"),
    "coalition_table": (
        "cjtf_oir",
        "report_table",
        "report_month,allegation_id,status,incident_date,place,country,source,killed,injured,note",
    ),
    "tbij_yemen": (
        "tbij",
        "tbij_yemen",
        (
            "Strike ID,Date,Location,Province,Type of attack,Confirmed/\npossible US attack?,Air operation?,"
            "Drone strike,Minimum number of strikes,Maximum number of strikes,Minimum people killed,"
            "Maximum people killed,Minimum civilians reported killed,Maximum civilians reported killed,"
            "Minimum children reported killed,Maximum children reported killed,Minimum people injured,"
            "Maximum people injured,Strike link,Unnamed: 19"
        ),
    ),
    "tbij_somalia": (
        "tbij",
        "tbij_somalia",
        (
            "Unnamed: 0,Date,Location,Confirmed/\npossible US strike,Air strike?,Drone strike,Strike type,"
            "Minimum strikes,Maximum strikes,Minimum people killed,Maximum people killed,"
            "Minimum civilians killed,Maximum civilians killed,Minimum children killed,"
            "Maximum children killed,Minimum people injured,Maximum people injured,Strike link,Unnamed: 18"
        ),
    ),
    "tbij_pakistan": (
        "tbij",
        "tbij_pakistan",
        (
            "Strike ID,Date,Location,Area,Minimum total people killed,Maximum total people killed,"
            "Minimum civilians reported killed,Maximum civilians reported killed,"
            "Minimum children reported killed,Maximum children reported killed,Minimum reported injured,"
            "Maximum reported injured,Strike link,Unnamed: 13,Index"
        ),
    ),
    "period_totals": (
        "totals",
        "quoted_totals",
        (
            "monitor,reported_via,quote,url,published,period_start,period_end,place,perpetrator,killed_min,"
            "killed_max,children,women,injured,kind,lang,note"
        ),
    ),
}
DAILY_KEYS = (
    "aid_seeker_injured_cum aid_seeker_killed_cum child_famine_cum civdef_killed_cum ext_civdef_killed_cum ext_injured "
    "ext_injured_cum ext_killed ext_killed_children_cum ext_killed_cum ext_killed_women_cum ext_massacres_cum "
    "ext_med_killed_cum ext_press_killed_cum famine_cum injured injured_cum killed killed_children_cum killed_committee "
    "killed_cum killed_recovered killed_succumbed killed_truce_new killed_women_cum massacres_cum med_killed_cum "
    "press_killed_cum report_date report_period report_source"
)
# What HDX puts below the header of ACLED's and UCDP's files.
ACLED_TAGS = (
    "#event+code,#date+occurred,#date+year,#event+type,#group+name+first,#group+name+first+assoc,#group+name+second,"
    "#group+name+second+assoc,#region+name,#country+name,#adm1+name,#adm2+name,#adm3+name,#loc+name,#geo+lat,#geo+lon,"
    "#meta+source,#description,#affected+killed,#country+code"
)
DAY = "2017-06-10"


def sheet(header: str, *rows: Mapping[str, str], delimiter: str = ",") -> str:
    """A file of this header and these rows; what a row does not state is blank."""
    columns = next(csv.reader([header])) if "\n" not in header else header.split(",")
    written = io.StringIO()
    table = csv.DictWriter(written, columns, restval="", delimiter=delimiter)
    table.writeheader()
    table.writerows(rows)
    return written.getvalue()


def filled(header: str) -> str:
    """A file with a word in every column, so that one which nobody reads is told."""
    columns = header.split(",")
    return sheet(header, dict.fromkeys(columns, "x"))


@pytest.fixture(scope="module")
def read(rules: Ruleset) -> Read:
    """Read a file, its monitor recognised among all monitors: (monitor, layout) of each table, and what was made of it."""
    context = build_context(rules, "airwars")
    monitors = list(rules.monitors.values())

    def reader(name: str, text: str) -> tuple[list[tuple[str, str]], Validated]:
        tables = read_tables(SourceFile(name, text.encode()), monitors, grammars=rules.grammars)
        drafts = []
        for table in tables:
            monitor = rules.monitors[table.monitor_id]
            layout = next(one for one in monitor.layouts if one.id == table.layout_id)
            drafts.append(normalize(table, monitor, layout, context))
        valid = validate(gather(drafts), Within(), rules.vocabularies["countries"].terms)
        return [(table.monitor_id, table.layout_id) for table in tables], valid

    return reader


def unread(valid: Validated) -> list[str]:
    """The columns that no rule describes."""
    issues = valid.issues
    return list(issues.loc[issues["code"] == "unknown_column", "column"])


def figures(valid: Validated) -> list[str]:
    """Figures in one line each: measure, population, who, low to high, and what sets it apart; the order means nothing."""
    lines = []
    for row in valid.figures.itertuples():
        who = " ".join(code for code in (row.sex_code, row.age_group_code) if code != "any")
        high = "open" if pd.isna(row.high) else f"{row.high:.10g}"
        role = " conceded" if row.role_code == "conceded" else ""
        lines.append(
            f"{row.measure_code} {row.population_code} {who}".strip() + f" {row.low:.10g}..{high}{role}"
        )
    return sorted(lines)


# ---- whose it is ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", HEADERS)
def test_real_header_is_known_and_read(read: Read, name: str) -> None:
    """The header alone says whose export it is, and every column of it has a word in the rule file."""
    monitor, layout, header = HEADERS[name]
    found, valid = read(f"{name}.csv", filled(header))
    assert found == [(monitor, layout)]
    assert unread(valid) == []


def test_remarks_marks_and_semicolons_hide_no_header(read: Read) -> None:
    """Comment lines above IBC's header, the byte order mark of ACLED's export, and its semicolons change nothing."""
    remarks = "".join(f"# remark {number}\n" for number in range(11))
    found, _ = read("ibc.csv", remarks + filled(HEADERS["ibc_incidents"][2]))
    assert found == [("iraq_body_count", "ibc_incidents")]
    header = HEADERS["acled_current"][2]
    text = sheet(header, dict.fromkeys(header.split(","), "x"), delimiter=";")
    found, valid = read("acled.csv", "\ufeff" + text)
    assert found == [("acled", "acled_events")]
    assert unread(valid) == []


def test_a_note_above_the_romanised_list_is_no_header(read: Read) -> None:
    """The list of June 2025 has a note in its first row."""
    text = "A note on this list,,,,,,\n" + filled(HEADERS["ibc_romanised_june"][2])
    assert read("list.csv", text)[0] == [("gaza_moh", "moh_romanised_list")]


def test_candidate_events_without_a_header_are_known(read: Read) -> None:
    """One release of UCDP's candidate events came without its header."""
    header = HEADERS["ged_49"][2]
    text = sheet(header, GED | {"date_start": DAY, "date_end": DAY})
    found, valid = read("ged.csv", text.split("\n", 1)[1])
    assert found == [("ucdp_ged", "ged_csv")]
    assert figures(valid) == figures(read("ged.csv", text)[1])


@pytest.mark.parametrize("name", ["acled_hdx", "ged_hdx"])
def test_tags_below_a_known_header_are_no_record(read: Read, name: str) -> None:
    """HDX puts a row of tags below the header; the header says whose it is."""
    monitor, layout, header = HEADERS[name]
    columns = header.split(",")
    tags = (
        ACLED_TAGS.split(",")
        if name == "acled_hdx"
        else ["#affected+killed" if one == "best" else "" for one in columns]
    )
    found, valid = read("hdx.csv", sheet(header, dict(zip(columns, tags, strict=True))))
    assert found == [(monitor, layout)]
    assert valid.claims.empty


def test_tags_alone_are_an_hxl_file(read: Read) -> None:
    """Tags over columns that nobody knows are read as tags, and in nobody's name."""
    columns = [f"column {number}" for number in range(ACLED_TAGS.count(",") + 1)]
    tags = dict(zip(columns, ACLED_TAGS.split(","), strict=True))
    row = dict.fromkeys(columns, "") | {
        columns[0]: "X1",
        columns[1]: DAY,
        columns[9]: "Syria",
        columns[18]: "3",
    }
    found, valid = read("hdx.csv", sheet(",".join(columns), tags, row))
    assert found == [("hxl", "hxl_numbers")]
    assert unread(valid) == []
    assert figures(valid) == ["killed unknown 3..3"]


def test_weekly_tag_is_no_incident(read: Read) -> None:
    """A number of new dead in a week, told by its tag alone, is nobody's incident."""
    row = {"a": "#date+reported", "b": "#adm1+name", "c": "#affected+killed+new+weekly"}
    with pytest.raises(InputFault):
        read("weekly.csv", sheet("a,b,c", row, {"a": DAY, "b": "Ar-Raqqa", "c": "30"}))


# Sheets that people keep: whose layout is read, or none, because it would have to be guessed.
NEAR_MISSES: dict[str, tuple[str, str]] = {
    "no place": ("", "id,date,killed"),
    "an analyst's own": ("typed_sheet", "id,date,place,killed"),
    "with a status": ("typed_sheet", "id,incident_date,place,status,killed,note"),
    "in Airwars' words": ("typed_sheet", "code,incident_date,location,killed"),
    "targets in a governorate": ("typed_sheet", "Incident ID,Date,Governorate,District,Target,Fatalities,Injured"),
    "strikes of any war": ("", "Date,Location,Strike type,Minimum people killed,Maximum people killed"),
    "strikes by province": ("", "Strike ID,Date,Location,Province,Minimum people killed,Maximum people killed"),
    "strikes by area": ("", "Strike ID,Date,Location,Area,Minimum total people killed,Maximum total people killed"),
    "a monitor's incidents": ("typed_sheet", "Governorate,Date,Location,Perpetrator,Civilians killed,Children,Women"),
    "a monitor's months": ("", "Month,Perpetrator,Civilians killed,Children,Women"),
    "totals without a report": ("", "location,date_start,date_end,civilians_killed,civilians_injured"),
    "a list of another war": ("victim_list", "id,name,en_name,age,sex,governorate,date_of_death"),
    "another, with births": ("victim_list", "id,name,en_name,dob,sex,source,place_of_death"),
    "another, with state numbers": ("victim_list", "name,gov_id,age,sex,governorate"),
    "another, in two scripts": ("victim_list", "Index,Name,الاسم,Age,Born,Sex,ID number,Governorate"),
    "names of another list": ("victim_list", "left_id,en_name,age,sex"),
    "a monitor's list": ("victim_list", "No,Name,Governorate,Date of death,Perpetrator,Sex"),
    "sources of incidents": ("", "post_id,code,date,name,language,url,archive_url,media"),
    "hospitals": ("", "name,location,type"),
    "deleted events of nobody's": ("", "event_id,deleted_timestamp"),
}  # fmt: skip


@pytest.mark.parametrize("name", NEAR_MISSES)
def test_no_layout_takes_what_is_not_its_own(read: Read, name: str) -> None:
    """A sheet of anybody's is read under the headers people type, or refused; never in a monitor's name."""
    monitor, header = NEAR_MISSES[name]
    row = dict.fromkeys(header.split(","), "x")
    if monitor:
        assert [found for found, _ in read("own.csv", sheet(header, row))[0]] == [monitor]
    else:
        with pytest.raises(InputFault):
            read("own.csv", sheet(header, row))


# ---- what one row means --------------------------------------------------------------------------------------------

ACLED = {
    "event_id_cnty": "SYR1", "event_date": "02 June 2017", "country": "Syria", "location": "Tell Example", "event_type": "Violence against civilians",
    "sub_event_type": "Attack", "actor1": "Islamic State (Syria)", "inter1": "2", "actor2": "Civilians (Syria)", "inter2": "7", "fatalities": "4",
}  # fmt: skip
GED = {
    "id": "9", "type_of_violence": "1", "dyad_name": "A - B", "side_a": "Government of Syria", "side_b": "Syrian insurgents", "where_prec": "1",
    "where_coordinates": "Tell Example", "country": "Syria", "latitude": "35.9", "longitude": "39.0", "event_clarity": "1", "date_prec": "1",
    "date_start": "2017-06-10 00:00:00.000", "date_end": "2017-06-10 00:00:00.000", "deaths_a": "2", "deaths_b": "3", "deaths_civilians": "1",
    "deaths_unknown": "4", "best": "10", "high": "12", "low": "8",
}  # fmt: skip
GTD = {
    "eventid": "201706100001",
    "iyear": "2017",
    "imonth": "6",
    "iday": "10",
    "country_txt": "Syria",
    "city": "Raqqah",
    "gname": "Unknown",
}
YDP = {"Incident ID": "1", "Date": "04/03/2016", "Governorate": "Capital", "Area": "Tell Example"}
ALLEGATION = {
    "statement_id": "s1",
    "date": DAY,
    "place_text": "near Raqqah, Syria",
    "statement_date": "20180726",
}
STATEMENT = {
    "code": "CS1",
    "belligerent": "coalition",
    "statement_date": "20180726",
    "statement": "July 1, 2017, near Tell Example, Syria, via Airwars report. An example.",
}
HAPI = {
    "location_code": "SYR",
    "admin1_code": "SY11",
    "admin1_name": "Ar-Raqqa",
    "admin_level": "1",
    "reference_period_start": "2024-01-01",
    "reference_period_end": "2024-01-31",
}
TABLE = {
    "report_month": "2018-12",
    "allegation_id": "1",
    "incident_date": DAY,
    "place": "Raqqah",
    "country": "Syria",
}
PERSON = {
    "incident_id": "ispt0001",
    "incident_date": "2023-10-07",
    "victim_id": "1",
    "name_en": "A. Sample Example",
}
ROWS: dict[str, tuple[str, dict[str, str], list[str]]] = {
    "ACLED: the dead of attacked civilians are civilians": ("acled_current", ACLED, ["killed all 4..4", "killed civilian 4..4"]),
    "ACLED: of two armed sides nobody says whose dead they are": ("acled_current", ACLED | {"event_type": "Battles", "sub_event_type": "Armed clash", "inter2": "1"}, ["killed all 4..4"]),
    "ACLED: a suicide bomber is among the dead": ("acled_current", ACLED | {"sub_event_type": "Suicide bomb"}, ["killed all 4..4", "killed civilian 0..4"]),
    "ACLED: 0 is nothing known": ("acled_current", ACLED | {"fatalities": "0", "inter2": "2"}, ["killed all 0..open"]),
    "GED: the unknown dead may be anybody's": ("ged_49", GED, ["killed all 8..12", "killed civilian 1..5", "killed combatant 5..9"]),
    "GTD: attackers are among the dead": ("gtd_137", GTD | {"nkill": "6", "nkillter": "2"}, ["injured all 0..open", "killed all 6..6", "killed civilian 0..4", "killed combatant 2..6"]),
    "GTD: a blank is vague and -99 no number": ("gtd_137", GTD | {"nkill": "", "nwound": "-99"}, ["injured all 0..open", "killed all 0..open"]),
    "GTD: a total divided over incidents leaves fractions": ("gtd_137", GTD | {"nkill": "1.3333", "nwound": "0"}, ["injured all 0..0", "injured civilian 0..0", "injured combatant 0..0", "killed all 1.3333..1.3333", "killed civilian 0..1.3333", "killed combatant 0..1.3333"]),
    "SCAD: -99 is no number": ("scad_47", {"eventid": "4750001", "countryname": "Nigeria", "styr": "2011", "etype": "8", "actor1": "Boko Haram", "ndeath": "-99", "sublocal": "1"}, []),
    "SCAD: the dead of several places are counted once": ("scad_47", {"eventid": "4750002", "countryname": "Nigeria", "styr": "2011", "etype": "8", "actor1": "Boko Haram", "ndeath": "7", "sublocal": "2", "locnum": "4"}, []),
    "Airwars: no minimum is none, civilians and belligerents apart": ("airwars_pages", {"code": "CS1 RS2", "incident_date": DAY, "location_en": "Tell Example", "civ_killed_max": "5", "children_killed_min": "1", "children_killed_max": "2", "mil_killed_min": "0", "mil_killed_max": "2"}, ["killed civilian 0..5", "killed civilian child 1..2", "killed combatant 0..2"]),
    "Airwars: a page's children, women and men": ("airwars_gaza_pages", {"code": "ISPT0001", "incident_date": "October 7, 2023", "location": "رفح, Rafah, the Gaza Strip", "civilians_reported_killed": "65 – 73 ( 15–17 children 6 women 14 men )", "civilians_reported_killed_min": "65", "civilians_reported_killed_max": "73"}, ["killed civilian 65..73", "killed civilian child 15..17", "killed civilian female adult 6..6", "killed civilian male adult 14..14"]),
    "Airwars: a person injured is not killed": ("airwars_gaza_victims", PERSON | {"killed_or_injured": "i"}, ["injured civilian 1..1"]),
    "Airwars: a person of unknown fate is either": ("airwars_gaza_victims", PERSON | {"killed_or_injured": ""}, ["killed_or_injured civilian 1..1"]),
    "Coalition: conceded, by the statement's own number": ("coalition_statements", ALLEGATION | {"verdict": "credible", "killed_text": "2", "conceded_min": "0", "conceded_max": "0"}, ["killed civilian 2..2 conceded"]),
    "Coalition: a denial with a zero is no count": ("coalition_statements", ALLEGATION | {"verdict": "non_credible", "conceded_min": "0", "conceded_max": "0", "killed_text": "5"}, []),
    "Coalition: in a table, a number beside a denial was alleged": ("coalition_table", TABLE | {"status": "non-credible", "killed": "7"}, []),
    "Coalition: in a table, what is credible is conceded": ("coalition_table", TABLE | {"status": "credible", "killed": "7"}, ["killed civilian 7..7 conceded"]),
    "IBC: from the lowest to the highest number reported": ("ibc_incidents", {"IBC code": "k001", "Start Date": "28 Feb 2017", "Location": "Sample Market, Mosul", "Weapons": "gunfire", "Reported Minimum": "0", "Reported Maximum": "3"}, ["killed civilian 0..3"]),
    "IBC: one person": ("ibc_individuals", {"IBC code": "k001-ab12", "Name or Identifying Details": "A. Sample Example", "Earliest Date": "28 Feb 2017", "Latest Date": "1 Mar 2017"}, ["killed civilian 1..1"]),
    "Yemen Data Project: 0 is nothing known": ("yemen_data_project", YDP | {"Fatalities ": "0", "Woman fatalities": "0", "Injured ": "2"}, ["injured civilian 2..2", "killed civilian 0..open"]),
    "B'Tselem: who took part is no civilian": ("btselem", {"name": "A. Sample Example", "date_of_event": DAY, "event_location": "Tell Example", "took_part_in_the_hostilities": "Yes"}, ["killed combatant 1..1"]),
    "B'Tselem: where nobody asked, nobody knows": ("btselem", {"name": "A. Sample Example", "date_of_event": DAY, "event_location": "Tell Example"}, ["killed unknown 1..1"]),
    "VDC: a non-civilian": ("vdc", {"uid": "1", "Name": "A. Sample Example", "Status": "Non-Civilian", "Date of death": DAY}, ["killed combatant 1..1"]),
    "OHCHR: a blank is no zero": ("ohchr", {"location": "Kyiv", "date_start": "2014-01-21", "date_end": "2014-01-22", "civilians_killed": "4"}, ["killed civilian 4..4"]),
    "TBIJ: civilians and children are parts of the whole": ("tbij_pakistan", {"Strike ID": "B1", "Date": "2004-06-17 00:00:00", "Location": "Wana", "Minimum total people killed": "6", "Maximum total people killed": "8", "Minimum civilians reported killed": "2", "Maximum civilians reported killed": "2", "Minimum children reported killed": "0", "Maximum children reported killed": "2"}, ["killed all 6..8", "killed civilian 2..2", "killed civilian child 0..2"]),
    "CENTCOM: strikes are no persons": ("centcom", {"date": "10/17/2016", "country": "Syria", "location": "Abu Kamal", "number": "3", "line": "- Near Abu Kamal, three strikes"}, []),
    "HAPI: dead of attacks on civilians": ("hapi", HAPI | {"event_type": "civilian_targeting", "fatalities": "9"}, ["killed civilian 9..9"]),
    "War totals: a floor stays open": ("war_totals", {"war_id": "w", "war_name": "Example War", "side": "A", "bucket": "civilians_killed_directly", "low": "32200"}, ["killed civilian 32200..open"]),
    "Quoted totals: beside killed children the injured are anybody": ("period_totals", {"monitor": "SOHR", "period_start": "2017-06-06", "period_end": "2017-06-17", "place": "Raqqa", "killed_min": "4", "killed_max": "4", "injured": "9", "kind": "children killed"}, ["injured unknown 9..9", "killed unknown child 4..4"]),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_a_row_means_what_the_codebook_says(read: Read, name: str) -> None:
    """One invented row gives these figures and no others."""
    header, row, expected = ROWS[name]
    assert figures(read("rows.csv", sheet(HEADERS[header][2], row))[1]) == expected


# One field of the claim that such a row makes.
CLAIMS: dict[str, tuple[str, dict[str, str], str, str]] = {
    "GED: two fighting sides name no attacker": ("ged_49", GED, "attribution_code", "parties"),
    "GED: in one-sided violence side A did it, and civilians are none": ("ged_49", GED | {"type_of_violence": "3", "side_a": "IS", "side_b": "Civilians"}, "perpetrator_codes", "islamic_state"),
    "GED: a month of fighting is no incident": ("ged_49", GED | {"date_prec": "4"}, "unit_code", "event_summary"),
    "ACLED: civilians are no attackers": ("acled_current", ACLED, "perpetrator_codes", "islamic_state"),
    "ACLED: days come first": ("acled_current", ACLED | {"event_date": "03/06/2017"}, "edtf", "2017-06-03"),
    "ACLED: a week is a total": ("acled_weekly", {"WEEK": "2024-01-06", "COUNTRY": "Syria", "ADMIN1": "Ar Raqqa", "SUB_EVENT_TYPE": "Armed clash", "FATALITIES": "7"}, "edtf", "2024-01-06/2024-01-12"),
    "HAPI: a month is a total": ("hapi", HAPI | {"event_type": "demonstration", "fatalities": "1"}, "kind_code", "total"),
    "HAPI: the dead of demonstrations are counted apart": ("hapi", HAPI | {"event_type": "demonstration", "fatalities": "1"}, "violence_code", "demonstration"),
    "GTD: no day is a month": ("gtd_137", GTD | {"iday": "0", "nkill": "1"}, "edtf", "2017-06"),
    "Yemen Data Project: days come first": ("yemen_data_project", YDP | {"Fatalities ": "1"}, "edtf", "2016-03-04"),
    "B'Tselem: the day of the event, not of the death": ("btselem", {"name": "A. Sample Example", "date_of_event": "2008-01-02", "date_of_death": "2008-02-09", "event_location": "Tell Example"}, "edtf", "2008-01-02"),
    "B'Tselem: who killed": ("btselem", {"name": "A. Sample Example", "date_of_event": DAY, "event_location": "Tell Example", "killed_by": "Israeli security forces"}, "perpetrator_codes", "israel"),
    "B'Tselem: a home is no place of death": ("btselem", {"name": "A. Sample Example", "date_of_event": DAY, "place_of_residence": "Sampleville"}, "place_name", ""),
    "VDC: where somebody came from is no place of death": ("vdc", {"uid": "1", "Name": "A. Sample Example", "Province": "Idlib", "Date of death": DAY}, "admin1", ""),
    "CENTCOM: a release tells the day before too": ("centcom", {"date": "10/17/2016", "country": "Syria", "location": "Abu Kamal", "number": "1", "line": "- Near Abu Kamal"}, "edtf", "2016-10-16/2016-10-17"),
    "CENTCOM: several strikes on a line are no incident": ("centcom", {"date": "10/17/2016", "country": "Syria", "location": "Abu Kamal", "number": "3", "line": "- Near Abu Kamal"}, "unit_code", "event_summary"),
    "TBIJ: its own word is not the attacker's": ("tbij_yemen", {"Strike ID": "YEM001", "Date": "2002-11-03 00:00:00", "Location": "Unknown", "Province": "Marib", "Confirmed/\npossible US attack?": "Confirmed", "Maximum people killed": "6"}, "attribution_code", "stated"),
    "Airwars: a belligerent's statement is the belligerent's claim": ("airwars_statements", STATEMENT | {"assessment": "non_credible"}, "monitor", "cjtf_oir"),
    "Airwars: a refusal is a denial": ("airwars_statements", STATEMENT | {"assessment": "non_credible"}, "position_code", "denied"),
    "Airwars: a duplicate denies nothing": ("airwars_statements", STATEMENT | {"assessment": "duplicate"}, "position_code", "duplicate"),
    "Airwars: an open case is under review": ("airwars_statements", STATEMENT | {"assessment": "open_incident"}, "position_code", "under_review"),
    "Coalition: too little to assess is no denial": ("coalition_statements", ALLEGATION | {"verdict": "insufficient_info"}, "position_code", "not_assessed"),
    "Quoted totals: a total, from the first to the last day": ("period_totals", {"monitor": "SOHR", "published": "2017-06-18", "period_start": "2017-06-06", "place": "Raqqa", "killed_min": "117", "killed_max": "117", "kind": "civilians killed"}, "edtf", "2017-06-06/2017-06-17"),
    "IBC: a person's code holds the incident's": ("ibc_individuals", {"IBC code": "k001-ab12", "Name or Identifying Details": "A. Sample Example", "Earliest Date": "28 Feb 2017", "Latest Date": "1 Mar 2017"}, "native_incident_ids", "k001"),
}  # fmt: skip


@pytest.mark.parametrize("name", CLAIMS)
def test_a_claim_says_what_the_row_says(read: Read, name: str) -> None:
    """One field of the claim that the row makes."""
    header, row, field, expected = CLAIMS[name]
    (stated,) = read("rows.csv", sheet(HEADERS[header][2], row))[1].claims[field]
    assert stated == expected


def test_daily_series_states_days_and_cumulative_numbers(read: Read) -> None:
    """Each key is described; a report of 48 hours reaches back a day, and a day without a report is claimed by nobody's ministry."""
    row = dict.fromkeys(DAILY_KEYS.split(), 1) | {
        "report_date": "2024-01-15",
        "report_source": "mohtel",
        "report_period": 48,
    }
    silent = {
        "report_date": "2024-01-14",
        "report_source": "mohtel",
        "report_period": 0,
        "killed": 0,
        "killed_cum": 1,
    }
    missing = {"report_date": "2024-01-13", "report_source": "missing", "report_period": 24, "ext_killed": 5}
    found, valid = read("daily.json", json.dumps([row, silent, missing]))
    assert found == [("gaza_moh", "daily_json")]
    assert unread(valid) == []
    windows = valid.claims.set_index("claim_id")["edtf"]
    assert windows["gaza_moh:2024-01-15"] == "2024-01-14/2024-01-15"
    assert windows["gaza_moh:2024-01-15:cum"] == "2023-10-07/2024-01-15"
    assert "gaza_moh:2024-01-14" not in windows.index
    assert set(valid.claims["kind_code"]) == {"total"}
    extrapolated = valid.claims["claim_id"].str.contains(":ext")
    assert set(valid.claims.loc[extrapolated, "monitor"]) == {"tech_for_palestine"}


REPORT = """Credible Reports

1. July 26, 2018, in Tell Example, Syria, via Airwars report. It was assessed that two civilians were unintentionally killed. 3173/CS1784 37SFU774280

Duplicate Reports

2. July 28, 2018, near Tell Example, Syria, via Airwars report. This allegation is a duplicate of a report.
"""
ALONE = (
    "July 27, 2018, near Tell Example, Syria, via social media report. The allegation was that five civilians were killed; "
    "there is insufficient evidence to find that civilians were harmed in this strike."
)


def test_printed_report_concedes_only_what_it_finds_credible(read: Read) -> None:
    """What an entry denies is not conceded, whatever number it repeats, and a duplicate is no denial."""
    found, valid = read("report.txt", REPORT)
    assert found == [("cjtf_oir", "monthly_report")]
    assert sorted(valid.claims["position_code"]) == ["conceded", "duplicate"]
    assert figures(valid) == ["killed civilian 2..2 conceded"]
    _, alone = read("report.txt", ALONE)
    assert list(alone.claims["position_code"]) == ["denied"]
    assert figures(alone) == []


@pytest.mark.parametrize(
    ("header", "row"),
    [
        (
            "source,from,to,place,civilians killed",
            {
                "source": "SOHR",
                "from": "2017-06-06",
                "to": "2017-06-17",
                "place": "Raqqa",
                "civilians killed": "117",
            },
        ),
        (
            "source,date,place,killed",
            {"source": "SOHR", "date": "2017-06", "place": "Raqqa", "killed": "117"},
        ),
    ],
)
def test_a_typed_number_for_weeks_is_no_incident(read: Read, header: str, row: dict[str, str]) -> None:
    """A number for more than a week covers incidents, and is never matched to one."""
    claims = read("own.csv", sheet(header, row))[1].claims
    assert (list(claims["monitor"]), list(claims["unit_code"])) == (["sohr"], ["event_summary"])


def test_demonstrators_are_no_attackers(read: Read) -> None:
    """Whoever SCAD names as actor of a protest did not kill those who died at it."""
    row = {
        "eventid": "4750003",
        "countryname": "Nigeria",
        "styr": "2011",
        "etype": "1",
        "actor1": "students",
        "ndeath": "2",
    }
    claims = read("scad.csv", sheet(HEADERS["scad_47"][2], row | {"sublocal": "1"}))[1].claims
    assert (list(claims["perpetrator_codes"]), list(claims["attribution_code"])) == ([""], ["not_named"])


def test_left_over_end_of_a_window_is_not_read(read: Read) -> None:
    """Airwars' own export keeps an end that counts only where the type of date says so, also for the belligerents' claims."""
    header = (
        "post_id,post_status,code,date_type,date,date_end,civilian_harm_status_slug,location_name,"
        "civilian_non_combatants_killed_min,belligerent_1_belligerent_name,belligerent_1_assessment_slug"
    )
    row = {
        "post_status": "publish",
        "code": "CS1",
        "date": DAY,
        "date_end": "2017-06-12",
        "location_name": "Tell Example",
    }
    row |= {"civilian_harm_status_slug": "fair", "civilian_non_combatants_killed_min": "1"}
    row |= {"belligerent_1_belligerent_name": "US-led Coalition", "belligerent_1_assessment_slug": "credible"}
    _, single = read("cms.csv", sheet(header, row | {"date_type": "single"}))
    _, spanned = read("cms.csv", sheet(header, row | {"date_type": "date_range"}))
    assert list(single.claims["edtf"]) == [DAY, DAY]
    assert list(spanned.claims["edtf"]) == [f"{DAY}/2017-06-12"] * 2


# ---- what must not be seen -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header", ["id,name,age,sex", "no,name,age,sex", "رقم الهوية,name,age,sex", "national no,name,age,sex"]
)
def test_a_number_of_the_state_is_no_id(read: Read, header: str) -> None:
    """Nine figures may be a national number; they make no id that a workbook shows."""
    columns = header.split(",")
    row = dict(zip(columns, ("999999998", "A. Sample Example", "20", "m"), strict=True))
    (claim,) = read("list.csv", sheet(header, row))[1].claims["claim_id"]
    assert "999999998" not in claim


def test_an_account_is_no_monitor(read: Read) -> None:
    """An address in the column of sources makes no monitor of that name, and no id with a handle in it."""
    row = {
        "id": "1",
        "date": DAY,
        "place": "Raqqa",
        "killed": "7",
        "source": "https://social.example/somebody/1",
    }
    (monitor,) = read("own.csv", sheet("id,date,place,killed,source", row))[1].claims["monitor"]
    assert monitor == "typed_sheet"


def test_a_part_of_the_world_is_no_governorate(read: Read) -> None:
    """A column "region" may hold the Middle East, which is no district of Gaza."""
    row = {"date": DAY, "place": "Raqqa", "killed": "7", "region": "Middle East"}
    (country,) = read("own.csv", sheet("date,place,killed,region", row))[1].claims["country_code"]
    assert country == "SYR"


def test_births_and_state_numbers_are_personal(rules: Ruleset) -> None:
    """In every list of persons, columns of names, births and state numbers are withheld."""
    telling = ("name", "birth", "born", "dob", "national", "gov_id", "passport", "phone", "mother", "الاسم")
    open_columns = [
        f"{layout.id}: {column}"
        for monitor in rules.monitors.values()
        for layout in monitor.layouts
        if layout.kind_code == "victim"
        for column in layout.columns
        if any(word in column.casefold() for word in telling)
        and column not in layout.restricted_columns()
        and not column.startswith(("flg_", "_parent_table_name", "Unnamed"))
    ]
    assert open_columns == []
