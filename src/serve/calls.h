#pragma once

#include "serve/route.h"

/*
 * What the rows of the route table do. Each is called with its parameters known to be allowed, and
 * either queues an answer and returns true or fails with what is made a problem of.
 */
bool call_cameras(struct request *request, struct error *err) MUST_CHECK;
bool call_camera(struct request *request, struct error *err) MUST_CHECK;
bool call_add_camera(struct request *request, struct error *err) MUST_CHECK;
bool call_change_camera(struct request *request, struct error *err) MUST_CHECK;
bool call_remove_camera(struct request *request, struct error *err) MUST_CHECK;
bool call_set_password(struct request *request, struct error *err) MUST_CHECK;
bool call_camera_upload(struct request *request, struct error *err) MUST_CHECK;
bool call_camera_paths(struct request *request, struct error *err) MUST_CHECK;
bool call_preview_template(struct request *request, struct error *err) MUST_CHECK;
bool call_quarantine(struct request *request, struct error *err) MUST_CHECK;
bool call_quarantined(struct request *request, struct error *err) MUST_CHECK;
bool call_attachments(struct request *request, struct error *err) MUST_CHECK;
bool call_attachment(struct request *request, struct error *err) MUST_CHECK;
bool call_session_log(struct request *request, struct error *err) MUST_CHECK;
bool call_accounts(struct request *request, struct error *err) MUST_CHECK;
bool call_events(struct request *request, struct error *err) MUST_CHECK;
bool call_frames(struct request *request, struct error *err) MUST_CHECK;
bool call_frame(struct request *request, struct error *err) MUST_CHECK;
bool call_playback(struct request *request, struct error *err) MUST_CHECK;
bool call_add_export(struct request *request, struct error *err) MUST_CHECK;
bool call_exports(struct request *request, struct error *err) MUST_CHECK;
bool call_get_export(struct request *request, struct error *err) MUST_CHECK;
bool call_remove_export(struct request *request, struct error *err) MUST_CHECK;
bool call_export_file(struct request *request, struct error *err) MUST_CHECK;
bool call_export(struct request *request, struct error *err) MUST_CHECK;
bool call_index(struct request *request, struct error *err) MUST_CHECK;
bool call_paced(struct request *request, struct error *err) MUST_CHECK;
bool call_activity(struct request *request, struct error *err) MUST_CHECK;
bool call_silences(struct request *request, struct error *err) MUST_CHECK;
bool call_frames_near(struct request *request, struct error *err) MUST_CHECK;
bool call_marks(struct request *request, struct error *err) MUST_CHECK;
bool call_set_marks(struct request *request, struct error *err) MUST_CHECK;
bool call_delete_frames(struct request *request, struct error *err) MUST_CHECK;
bool call_delete_stretches(struct request *request, struct error *err) MUST_CHECK;
bool call_deletions(struct request *request, struct error *err) MUST_CHECK;
bool call_undo(struct request *request, struct error *err) MUST_CHECK;
bool call_purge(struct request *request, struct error *err) MUST_CHECK;
bool call_notes(struct request *request, struct error *err) MUST_CHECK;
bool call_write_note(struct request *request, struct error *err) MUST_CHECK;
bool call_change_note(struct request *request, struct error *err) MUST_CHECK;
bool call_erase_note(struct request *request, struct error *err) MUST_CHECK;
bool call_system(struct request *request, struct error *err) MUST_CHECK;
bool call_live(struct request *request, struct error *err) MUST_CHECK;
bool call_openapi(struct request *request, struct error *err) MUST_CHECK;
bool call_metrics(struct request *request, struct error *err) MUST_CHECK;
bool call_health(struct request *request, struct error *err) MUST_CHECK;
bool call_ready(struct request *request, struct error *err) MUST_CHECK;
